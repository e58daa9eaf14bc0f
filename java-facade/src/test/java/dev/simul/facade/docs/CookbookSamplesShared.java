// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.docs;

import dev.simul.facade.AsyncExitStack;
import dev.simul.facade.Body;
import dev.simul.facade.Condition;
import dev.simul.facade.Semaphore;
import dev.simul.facade.Task;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Asyncio.shield;
import static dev.simul.facade.Asyncio.timeout;

/** The cookbook's blocks about what tasks share; {@link CookbookSharedTest} runs them, {@link DocsTest} compares. */
final class CookbookSamplesShared {
    private CookbookSamplesShared() {}

    static final class Pool<T extends AutoCloseable> implements AutoCloseable {
        private final Semaphore slots;
        private final Callable<T> open;
        private final Deque<T> idle = new ArrayDeque<>();
        private boolean isClosed;

        Pool(int size, Callable<T> open) {
            this.slots = new Semaphore(size);
            this.open = open;
        }

        <R> R use(Body<T, R> block) throws Exception {
            try (var slot = slots.hold()) {
                if (isClosed) {
                    throw new IllegalStateException("the pool is closed");
                }
                T resource = idle.isEmpty() ? open.call() : idle.pop();
                boolean isSound = false;
                try {
                    R result = block.call(resource);
                    isSound = true;
                    return result;
                } finally {
                    if (isSound && !isClosed) {
                        idle.push(resource);
                    } else {
                        resource.close();
                    }
                }
            }
        }

        @Override
        public void close() {
            isClosed = true;
            try (var stack = new AsyncExitStack()) {
                while (!idle.isEmpty()) {
                    stack.pushAsyncCallback(idle.pop()::close);
                }
            }
        }
    }

    static final class Cache<K, V> {
        private final Duration timeToLive;
        private final Function<K, V> load;
        private final Map<K, Task<V>> loads = new HashMap<>();

        Cache(Duration timeToLive, Function<K, V> load) {
            this.timeToLive = timeToLive;
            this.load = load;
        }

        V get(K key) {
            return await(shield(loads.computeIfAbsent(key, this::startLoad)));
        }

        private Task<V> startLoad(K key) {
            var task = createTask("load " + key, () -> load.apply(key));
            task.addDoneCallback(() -> {
                if (task.cancelled() || task.exception() != null) {
                    loads.remove(key);
                } else {
                    getRunningLoop().callLater(timeToLive, () -> loads.remove(key));
                }
            });
            return task;
        }
    }

    static final class Board {
        private final Condition changed = new Condition();
        private final List<String> posts = new ArrayList<>();

        void post(String text) {
            try (var held = changed.hold()) {
                posts.add(text);
                changed.notifyAllWaiters();
            }
        }

        /** The posts after the first {@code seen} ones; waits for one, and gives an empty list if none comes in time. */
        List<String> postsAfter(int seen, Duration patience) {
            try {
                return await(timeout(patience, () -> {
                    try (var held = changed.hold()) {
                        await(changed.waitFor(() -> posts.size() > seen));
                        return List.copyOf(posts.subList(seen, posts.size()));
                    }
                }), TimeoutException.class);
            } catch (TimeoutException e) {
                return List.of();
            }
        }
    }
}
