// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.conformance;

import dev.simul.ReturnWhen;
import dev.simul.conformance.Boom;
import dev.simul.conformance.Handler;
import dev.simul.conformance.Missing;
import dev.simul.conformance.Return;
import dev.simul.conformance.Statement;
import dev.simul.context.Token;
import dev.simul.facade.AsyncContextManager;
import dev.simul.facade.AsyncIterable;
import dev.simul.facade.Barrier;
import dev.simul.facade.Condition;
import dev.simul.facade.Context;
import dev.simul.facade.Event;
import dev.simul.facade.Future;
import dev.simul.facade.Handle;
import dev.simul.facade.Lock;
import dev.simul.facade.Queue;
import dev.simul.facade.Semaphore;
import dev.simul.facade.StreamReader;
import dev.simul.facade.Task;
import dev.simul.facade.TaskOptions;
import dev.simul.facade.Timeout;
import dev.simul.streams.LimitOverrunException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

import static dev.simul.conformance.ExceptionsKt.matches;
import static dev.simul.conformance.ShowKt.text;
import static dev.simul.conformance.StreamKt.readerState;
import static dev.simul.facade.Asyncio.asCompleted;
import static dev.simul.facade.Asyncio.asyncWith;
import static dev.simul.facade.Asyncio.closing;
import static dev.simul.facade.Asyncio.copyContext;
import static dev.simul.facade.Asyncio.currentTask;
import static dev.simul.facade.Asyncio.shield;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.Asyncio.taskGroup;
import static dev.simul.facade.Asyncio.timeout;
import static dev.simul.facade.Asyncio.waitFor;
import static dev.simul.facade.Asyncio.waitOn;

/** Every operation of the language. */
final class Operations {
    static final Map<String, Operation> ALL;

    static {
        Map<String, Operation> all = new HashMap<>();
        addControl(all);
        addTasks(all);
        addWaiting(all);
        addScopes(all);
        addFutures(all);
        addLocks(all);
        addSynchronization(all);
        addQueues(all);
        addCallbacks(all);
        addGenerators(all);
        addContexts(all);
        addFeeding(all);
        addReading(all);
        ALL = Collections.unmodifiableMap(all);
    }

    private static final Map<?, ReturnWhen> RETURN_WHEN = Map.of(
            "ALL", ReturnWhen.ALL_COMPLETED, "FIRST", ReturnWhen.FIRST_COMPLETED, "EXC", ReturnWhen.FIRST_EXCEPTION);

    private Operations() {}

    private static void addControl(Map<String, Operation> all) {
        all.put("log", (machine, frame, it) -> machine.log(text(it.get(0))));
        all.put("sleep", (machine, frame, it) -> {
            sleep(machine.after(it.delay(0))).await();
            machine.log("slept");
        });
        all.put("raise", (machine, frame, it) -> {
            throw new Boom(it.get(0));
        });
        all.put("return", (machine, frame, it) -> {
            throw new Return(it.get(0));
        });
        all.put("repeat", (machine, frame, it) -> {
            for (int i = 0; i < it.number(0); i++) {
                machine.block(it.block(1), frame);
            }
        });
        all.put("call", (machine, frame, it) -> machine.log("call=" + machine.show(machine.call(it.number(0)))));
        all.put("try", Operations::attempt);
    }

    private static void attempt(Machine machine, Frame frame, Statement it) throws Exception {
        try {
            machine.block(it.block(0), frame);
        } catch (Return e) {
            throw e;
        } catch (Throwable e) {
            Handler handler = handlerOf(e, it.handlers(1));
            if (handler == null) {
                throw e;
            }
            machine.log("caught " + machine.show(e));
            machine.block(handler.getBlock(), frame);
            if (handler.getReraise()) {
                throw e;
            }
        } finally {
            List<Statement> last = it.optionalBlock(2);
            if (last != null) {
                machine.log("finally");
                machine.block(last, frame);
            }
        }
    }

    private static Handler handlerOf(Throwable exception, List<Handler> handlers) {
        return handlers.stream().filter(it -> matches(it.getKind(), exception)).findFirst().orElse(null);
    }

    private static void addTasks(Map<String, Operation> all) {
        all.put("spawn", (machine, frame, it) -> {
            TaskOptions options = new TaskOptions();
            Task<?> task = machine.spawn(it.number(1), it.flag(2) ? options.eagerStart(true) : options);
            machine.slots.put(it.get(0), task);
            machine.log("spawn " + machine.label(task));
        });
        all.put("await", (machine, frame, it) -> {
            Future<?> future = machine.slot(it.get(0));
            machine.log("await " + machine.label(future) + "=" + machine.show(machine.waitFor(future, future::await)));
        });
        all.put("cancel", (machine, frame, it) -> {
            Future<?> future = machine.slot(it.get(0));
            machine.log("cancel " + machine.label(future) + "=" + text(future.cancel(it.text(1))));
        });
        all.put("uncancel", (machine, frame, it) -> machine.log("uncancel=" + currentTask().uncancel()));
        all.put("cancelling", (machine, frame, it) -> machine.log("cancelling=" + currentTask().cancelling()));
        all.put("state", (machine, frame, it) -> {
            Future<?> future = machine.slot(it.get(0));
            machine.log(machine.label(future) + " " + machine.state(future));
        });
        all.put("on_done", (machine, frame, it) -> {
            Future<?> future = machine.slot(it.get(0));
            String label = machine.label(future);
            future.addDoneCallback(done -> machine.log(text(it.get(1)) + " " + label + " " + machine.state(done)));
        });
    }

    private static void addWaiting(Map<String, Operation> all) {
        all.put("gather", (machine, frame, it) -> {
            Future<?> future = machine.gathering(it.references(0), it.flag(1));
            machine.log("gather=" + machine.show(machine.waitFor(future, future::await)));
        });
        all.put("gather_later", (machine, frame, it) -> {
            Future<?> future = machine.gathering(it.references(1), it.flag(2));
            machine.slots.put(it.get(0), future);
            machine.log("gathering " + machine.label(future));
        });
        all.put("wait", (machine, frame, it) -> {
            Duration limit = machine.after(it.deadline(2));
            var found = waitOn(machine.filled(it.slots(0)), limit, RETURN_WHEN.get(it.get(1))).await();
            machine.log("wait done=" + machine.labels(found.done()) + " pending=" + machine.labels(found.pending()));
        });
        all.put("wait_for", (machine, frame, it) -> {
            Future<?> future = machine.item(it.reference(0));
            Object result = machine.waitFor(future, () -> waitFor(future, machine.after(it.deadline(1))).await());
            machine.log("wait_for=" + machine.show(result));
        });
        all.put("shield", (machine, frame, it) -> machine.log("shield=" + machine.show(shield(machine.item(it.reference(0))).await())));
        all.put("as_completed", (machine, frame, it) -> {
            Set<Future<?>> futures = new LinkedHashSet<>(machine.filled(it.slots(0)));
            if (futures.stream().anyMatch(Future::isDone)) {
                throw new Missing();
            }
            Iterator<Future<?>> completed = asCompleted(futures, machine.after(it.deadline(1))).iterator();
            while (completed.hasNext()) {
                try {
                    machine.log("completed=" + machine.show(completed.next().result()));
                } catch (Exception e) {
                    if (!(e instanceof Boom || e instanceof TimeoutException)) {
                        throw e;
                    }
                    machine.log("completed " + machine.show(e));
                }
            }
        });
    }

    private static void addScopes(Map<String, Operation> all) {
        all.put("timeout", Operations::withTimeout);
        all.put("reschedule", (machine, frame, it) -> {
            if (frame.timeouts.isEmpty()) {
                throw new Missing();
            }
            Duration delay = machine.after(it.deadline(0));
            frame.timeouts.getLast().reschedule(delay == null ? null : machine.loop.time().plus(delay));
            machine.log("rescheduled");
        });
        all.put("group", (machine, frame, it) -> {
            taskGroup(group -> {
                frame.groups.addLast(group);
                try {
                    machine.block(it.block(0), frame);
                } finally {
                    frame.groups.removeLast();
                }
                return null;
            }).await();
            machine.log("group closed");
        });
        all.put("group_spawn", (machine, frame, it) -> {
            if (frame.groups.isEmpty()) {
                throw new Missing();
            }
            Task<?> task = machine.spawn(it.number(1), frame.groups.getLast());
            machine.slots.put(it.get(0), task);
            machine.log("group_spawn " + machine.label(task));
        });
    }

    private static void withTimeout(Machine machine, Frame frame, Statement it) {
        Timeout[] opened = new Timeout[1];
        try {
            timeout(machine.after(it.deadline(0)), scope -> {
                opened[0] = scope;
                frame.timeouts.addLast(scope);
                try {
                    machine.block(it.block(1), frame);
                } finally {
                    frame.timeouts.removeLast();
                }
                return null;
            }).await();
        } finally {
            machine.log("expired=" + text(opened[0].expired()));
        }
    }

    private static void addFutures(Map<String, Operation> all) {
        all.put("fset", (machine, frame, it) -> {
            machine.future(it.number(0)).setResult(it.get(1));
            machine.log("fset");
        });
        all.put("fexc", (machine, frame, it) -> {
            machine.future(it.number(0)).setException(new Boom(it.get(1)));
            machine.log("fexc");
        });
        all.put("fcancel", (machine, frame, it) -> {
            machine.log("fcancel=" + text(machine.future(it.number(0)).cancel(it.text(1))));
        });
        all.put("fawait", (machine, frame, it) -> machine.log("fawait=" + machine.show(machine.future(it.number(0)).await())));
        all.put("fstate", (machine, frame, it) -> machine.log("fstate " + machine.state(machine.future(it.number(0)))));
    }

    private static void addLocks(Map<String, Operation> all) {
        all.put("acquire", (machine, frame, it) -> {
            acquire(machine.shared(Object.class, it.number(0))).await();
            machine.log("acquired");
        });
        all.put("release", (machine, frame, it) -> {
            release(machine.shared(Object.class, it.number(0)));
            machine.log("released");
        });
        all.put("locked", (machine, frame, it) -> {
            machine.log("locked=" + text(locked(machine.shared(Object.class, it.number(0)))));
        });
        all.put("with", (machine, frame, it) -> {
            AsyncContextManager<?> lock = machine.shared(AsyncContextManager.class, it.number(0));
            asyncWith(lock, value -> {
                machine.log("entered");
                machine.block(it.block(1), frame);
                return null;
            }).await();
            machine.log("left");
        });
    }

    private static Future<Boolean> acquire(Object lock) {
        if (lock instanceof Lock plain) {
            return plain.acquire();
        }
        return lock instanceof Condition condition ? condition.acquire() : ((Semaphore) lock).acquire();
    }

    private static void release(Object lock) {
        if (lock instanceof Lock plain) {
            plain.release();
        } else if (lock instanceof Condition condition) {
            condition.release();
        } else {
            ((Semaphore) lock).release();
        }
    }

    private static boolean locked(Object lock) {
        if (lock instanceof Lock plain) {
            return plain.locked();
        }
        return lock instanceof Condition condition ? condition.locked() : ((Semaphore) lock).locked();
    }

    private static void addSynchronization(Map<String, Operation> all) {
        all.put("eset", (machine, frame, it) -> {
            machine.shared(Event.class, it.number(0)).set();
            machine.log("eset");
        });
        all.put("eclear", (machine, frame, it) -> {
            machine.shared(Event.class, it.number(0)).clear();
            machine.log("eclear");
        });
        all.put("ewait", (machine, frame, it) -> {
            machine.shared(Event.class, it.number(0)).waitUntilSet().await();
            machine.log("ewaited");
        });
        all.put("cwait", (machine, frame, it) -> {
            machine.shared(Condition.class, it.number(0)).waitUntilNotified().await();
            machine.log("cwaited");
        });
        all.put("notify", (machine, frame, it) -> {
            machine.shared(Condition.class, it.number(0)).notifyWaiters(it.number(1));
            machine.log("notified");
        });
        all.put("notify_all", (machine, frame, it) -> {
            machine.shared(Condition.class, it.number(0)).notifyAllWaiters();
            machine.log("notified all");
        });
        all.put("bwait", (machine, frame, it) -> {
            machine.log("bwait=" + machine.shared(Barrier.class, it.number(0)).waitForParties().await());
        });
        all.put("breset", (machine, frame, it) -> {
            machine.shared(Barrier.class, it.number(0)).reset().await();
            machine.log("breset");
        });
        all.put("babort", (machine, frame, it) -> {
            machine.shared(Barrier.class, it.number(0)).abort().await();
            machine.log("baborted");
        });
    }

    private static void addQueues(Map<String, Operation> all) {
        all.put("put", (machine, frame, it) -> {
            machine.queue(it.number(0)).put(it.get(1)).await();
            machine.log("put " + text(it.get(1)));
        });
        all.put("get", (machine, frame, it) -> machine.log("get=" + text(machine.queue(it.number(0)).get().await())));
        all.put("put_nowait", (machine, frame, it) -> {
            machine.queue(it.number(0)).putNowait(it.get(1));
            machine.log("put " + text(it.get(1)));
        });
        all.put("get_nowait", (machine, frame, it) -> machine.log("get=" + text(machine.queue(it.number(0)).getNowait())));
        all.put("task_done", (machine, frame, it) -> {
            machine.queue(it.number(0)).taskDone();
            machine.log("task_done");
        });
        all.put("join", (machine, frame, it) -> {
            machine.queue(it.number(0)).join().await();
            machine.log("joined");
        });
        all.put("shutdown", (machine, frame, it) -> {
            machine.queue(it.number(0)).shutdown(it.flag(1));
            machine.log("shut down");
        });
        all.put("qsize", (machine, frame, it) -> {
            Queue<?> queue = machine.queue(it.number(0));
            machine.log("qsize=" + queue.qsize() + " empty=" + text(queue.empty()) + " full=" + text(queue.full()));
        });
    }

    private static void addCallbacks(Map<String, Operation> all) {
        all.put("call_soon", (machine, frame, it) -> {
            machine.handles.put(it.get(0), machine.loop.callSoon(() -> machine.log(text(it.get(1)))));
        });
        all.put("call_later", (machine, frame, it) -> {
            Duration delay = machine.after(it.delay(1));
            machine.handles.put(it.get(0), machine.loop.callLater(delay, () -> machine.log(text(it.get(2)))));
        });
        all.put("handle_cancel", (machine, frame, it) -> {
            Handle handle = machine.handles.get(it.get(0));
            if (handle == null) {
                throw new Missing();
            }
            handle.cancel();
            machine.log("handle cancelled=" + text(handle.cancelled()));
        });
        all.put("var_set", (machine, frame, it) -> {
            machine.variable.set(it.get(0));
            machine.log("var=" + text(it.get(0)));
        });
        all.put("var_get", (machine, frame, it) -> machine.log("var=" + text(machine.variable.get())));
    }

    private static void addGenerators(Map<String, Operation> all) {
        all.put("aopen", (machine, frame, it) -> {
            if (machine.generators.containsKey(it.get(0))) {
                throw new Missing();
            }
            machine.generators.put(it.get(0), machine.open(it.number(1)));
        });
        all.put("anext", (machine, frame, it) -> {
            machine.log("anext=" + machine.show(generator(machine, it.get(0)).items.anext().await()));
        });
        all.put("asend", (machine, frame, it) -> {
            machine.log("asend=" + machine.show(generator(machine, it.get(0)).send(it.get(1))));
        });
        all.put("athrow", (machine, frame, it) -> {
            machine.log("athrow=" + machine.show(generator(machine, it.get(0)).items.athrow(new Boom(it.get(1))).await()));
        });
        all.put("aclose", (machine, frame, it) -> {
            generator(machine, it.get(0)).items.aclose().await();
            machine.log("aclosed");
        });
        all.put("afor", (machine, frame, it) -> {
            var count = asyncWith(closing(machine.open(it.number(0)).items), items -> iterate(machine, frame, it, items));
            machine.log("afor=" + count.await());
        });
    }

    private static void addContexts(Map<String, Operation> all) {
        all.put("awith", (machine, frame, it) -> {
            asyncWith(machine.manager(it.number(0)), value -> {
                machine.block(it.block(1), frame);
                return null;
            }).await();
            machine.log("left");
        });
        all.put("spawn_in", (machine, frame, it) -> {
            Task<?> task = machine.spawn(it.number(1), options(context(machine, it.get(3)), it.optionalFlag(2)));
            machine.slots.put(it.get(0), task);
            machine.log("spawn " + machine.label(task));
        });
        all.put("variable_set", (machine, frame, it) -> {
            machine.tokens.put(it.get(2), machine.variables.get(it.number(0)).set(it.get(1)));
            machine.log("v" + it.number(0) + "=" + text(it.get(1)));
        });
        all.put("variable_get", (machine, frame, it) -> logVariable(machine, it.number(0)));
        all.put("variable_reset", (machine, frame, it) -> {
            Token<Object> token = machine.tokens.get(it.get(1));
            if (token == null) {
                throw new Missing();
            }
            machine.variables.get(it.number(0)).reset(token);
            logVariable(machine, it.number(0));
        });
        all.put("copy_context", (machine, frame, it) -> {
            machine.contexts.put(it.get(0), copyContext());
            machine.log("copied");
        });
        all.put("context_get", (machine, frame, it) -> {
            Object value = context(machine, it.get(0)).get(machine.variables.get(it.number(1)), "unset");
            machine.log("context v" + it.number(1) + "=" + text(value));
        });
        all.put("run_in", (machine, frame, it) -> {
            context(machine, it.get(0)).run(() -> {
                machine.block(it.block(1), frame);
                return null;
            });
            machine.log("ran");
        });
        all.put("call_soon_in", (machine, frame, it) -> {
            Context context = context(machine, it.get(1));
            Runnable touch = () -> touch(machine, it.number(2));
            machine.handles.put(it.get(0), context == null ? machine.loop.callSoon(touch) : machine.loop.callSoon(context, touch));
        });
        all.put("on_done_in", (machine, frame, it) -> {
            Context context = context(machine, it.get(1));
            Future<?> future = machine.slot(it.get(0));
            if (context == null) {
                future.addDoneCallback(() -> touch(machine, it.number(2)));
            } else {
                future.addDoneCallback(context, done -> touch(machine, it.number(2)));
            }
        });
    }

    /** The context in a slot; null if there is no slot. */
    private static TaskOptions options(Context context, Boolean eagerStart) {
        TaskOptions options = new TaskOptions();
        if (context != null) {
            options = options.context(context);
        }
        return eagerStart == null ? options : options.eagerStart(eagerStart);
    }

    private static Context context(Machine machine, Object key) {
        if (key != null && !machine.contexts.containsKey(key)) {
            throw new Missing();
        }
        return key == null ? null : machine.contexts.get(key);
    }

    private static void logVariable(Machine machine, int index) {
        machine.log("v" + index + "=" + text(machine.variables.get(index).get("unset")));
    }

    /** A callback that shows in which context it runs. */
    private static void touch(Machine machine, int index) {
        logVariable(machine, index);
        machine.variables.get(index).set("touched" + index);
    }

    private static void addFeeding(Map<String, Operation> all) {
        all.put("feed", (machine, frame, it) -> feed(machine, it, data(it, 1)));
        all.put("feed_later", (machine, frame, it) -> later(machine, it, () -> feed(machine, it, data(it, 2))));
        all.put("feed_eof", (machine, frame, it) -> feedEof(machine, it));
        all.put("eof_later", (machine, frame, it) -> later(machine, it, () -> feedEof(machine, it)));
        all.put("break", (machine, frame, it) -> {
            reader(machine, it).setException(new Boom(it.get(1)));
            machine.log("broken");
        });
        all.put("receive", (machine, frame, it) -> {
            connected(machine, it).receive(data(it, 1));
            machine.log("fed");
        });
        all.put("receive_eof", (machine, frame, it) -> {
            machine.log("receive_eof=" + text(connected(machine, it).protocol.eofReceived()));
        });
        all.put("lose", (machine, frame, it) -> {
            Stream stream = connected(machine, it);
            stream.protocol.connectionLost(it.get(1) == null ? null : new Boom(it.get(1)));
            stream.isLost = true;
            machine.log("lost");
        });
    }

    private static StreamReader reader(Machine machine, Statement it) {
        return machine.shared(Stream.class, it.number(0)).reader;
    }

    private static Stream connected(Machine machine, Statement it) {
        Stream stream = machine.shared(Stream.class, it.number(0));
        if (stream.isLost) {
            throw new Missing();
        }
        return stream;
    }

    /** The text that is the argument at {@code index}, as many times as the next one says. */
    private static byte[] data(Statement it, int index) {
        return it.text(index).repeat(it.number(index + 1)).getBytes(StandardCharsets.US_ASCII);
    }

    private static void feed(Machine machine, Statement it, byte[] data) {
        reader(machine, it).feedData(data);
        machine.log("fed");
    }

    private static void feedEof(Machine machine, Statement it) {
        reader(machine, it).feedEof();
        machine.log("fed eof");
    }

    /** In the next turn if there is no delay at all. */
    private static void later(Machine machine, Statement it, Runnable callback) {
        Duration delay = machine.after(it.deadline(1));
        if (delay == null) {
            machine.loop.callSoon(callback::run);
        } else {
            machine.loop.callLater(delay, callback::run);
        }
    }

    private static void addReading(Map<String, Operation> all) {
        all.put("at_eof", (machine, frame, it) -> machine.log("at_eof=" + text(reader(machine, it).atEof())));
        all.put("reader", (machine, frame, it) -> {
            StreamReader reader = reader(machine, it);
            List<String> state = new ArrayList<>(List.of("reader"));
            state.addAll(readerState(reader.toString()));
            if (reader.exception() != null) {
                state.add(machine.show(reader.exception()));
            }
            machine.log(String.join(" ", state));
        });
        all.put("read", (machine, frame, it) -> {
            machine.log("read=" + machine.show(reader(machine, it).read(it.number(1)).await()));
        });
        all.put("readexactly", (machine, frame, it) -> {
            machine.log("readexactly=" + machine.show(reader(machine, it).readexactly(it.number(1)).await()));
        });
        all.put("readuntil", (machine, frame, it) -> {
            List<byte[]> separators = it.texts(1).stream().map(String::getBytes).collect(Collectors.toList());
            StreamReader reader = reader(machine, it);
            Future<byte[]> found =
                    it.get(1) instanceof String ? reader.readuntil(separators.get(0)) : reader.readuntil(separators);
            machine.log("readuntil=" + machine.show(found.await()));
        });
        all.put("readline", (machine, frame, it) -> {
            machine.log("readline=" + machine.show(orValueError(() -> reader(machine, it).readline().await())));
        });
        all.put("lines", (machine, frame, it) -> {
            Iterator<byte[]> lines = reader(machine, it).iterator();
            int count = 0;
            while (count != it.number(1) && orValueError(lines::hasNext)) {
                machine.log("line " + machine.show(lines.next()));
                machine.block(it.block(2), frame);
                count++;
            }
            machine.log("lines=" + count);
        });
    }

    /** What CPython's {@code readline} makes of a line that is too long. */
    private static <T> T orValueError(Callable<T> read) throws Exception {
        try {
            return read.call();
        } catch (LimitOverrunException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static RunningGenerator generator(Machine machine, Object key) {
        RunningGenerator generator = machine.generators.get(key);
        if (generator == null) {
            throw new Missing();
        }
        return generator;
    }

    /** Iterates until the generator ends or gave as many items as the statement wants, and gives their number. */
    private static int iterate(Machine machine, Frame frame, Statement it, AsyncIterable<Object> items) throws Exception {
        int count = 0;
        for (Object value : items) {
            machine.log("item " + machine.show(value));
            machine.block(it.block(2), frame);
            count++;
            if (count == it.number(1)) {
                break;
            }
        }
        return count;
    }
}
