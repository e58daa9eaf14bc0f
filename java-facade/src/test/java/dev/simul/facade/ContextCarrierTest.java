// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.bodies.Carrier;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.helpers.BasicMDCAdapter;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Asyncio.newEventLoop;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.Asyncio.toThread;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

class ContextCarrierTest {
    private final BasicMDCAdapter mdc = new BasicMDCAdapter();

    static Stream<Carrier> available() {
        return Carrier.available().stream();
    }

    private static <T> T run(Carrier carrier, Callable<T> main) {
        return Asyncio.run(null, () -> {
            var loop = newEventLoop();
            loop.setCarrier(carrier);
            return loop;
        }, main);
    }

    @ParameterizedTest
    @MethodSource("available")
    @DisplayName("an MDC follows the bodies and their children, and goes into threads")
    void mdc(Carrier carrier) {
        var seen = new ArrayList<String>();
        run(carrier, () -> {
            getRunningLoop().addContextCarrier(mdc::getCopyOfContextMap, map -> mdc.setContextMap(map == null ? Map.of() : map));
            mdc.put("request", "main");
            var tasks = Stream.of("a", "b").map(name -> createTask(() -> handle(name, seen))).toList();
            for (var task : tasks) {
                await(task);
            }
            assertEquals("main", mdc.get("request"));
            return null;
        });
        assertEquals(List.of("a after main", "b after main", "a in a thread", "b in a thread", "a in a child", "b in a child"), sorted(seen));
        assertNull(mdc.get("request"));
    }

    private Void handle(String name, List<String> seen) {
        var before = mdc.get("request");
        mdc.put("request", name);
        await(sleep(Duration.ofMillis(1)));
        seen.add(mdc.get("request") + " after " + before);
        seen.add(await(toThread(() -> mdc.get("request"))) + " in a thread");
        seen.add(await(createTask(() -> mdc.get("request"))) + " in a child");
        return null;
    }

    /** By what happened, and then by task: the threads may end in either order. */
    private static List<String> sorted(List<String> seen) {
        return Stream.of(" after ", " in a thread", " in a child")
                .flatMap(what -> seen.stream().filter(it -> it.contains(what)).sorted())
                .toList();
    }

    @ParameterizedTest
    @MethodSource("available")
    @DisplayName("a carrier that is closed carries no more")
    void closed(Carrier carrier) {
        var state = new ThreadLocal<String>();
        run(carrier, () -> {
            try (var added = getRunningLoop().addContextCarrier(state::get, state::set)) {
                state.set("main");
                assertEquals("main", await(createTask(state::get)));
            }
            return null;
        });
    }
}
