// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.conformance;

import dev.simul.bodies.Carrier;
import dev.simul.conformance.Deadlock;
import dev.simul.conformance.GrammarKt;
import dev.simul.conformance.Missing;
import dev.simul.conformance.Program;
import dev.simul.conformance.Reference;
import dev.simul.conformance.Return;
import dev.simul.conformance.SharedObject;
import dev.simul.conformance.ShowKt;
import dev.simul.conformance.Statement;
import dev.simul.conformance.VirtualTime;
import dev.simul.context.ContextVar;
import dev.simul.context.Token;
import dev.simul.facade.Barrier;
import dev.simul.facade.BoundedSemaphore;
import dev.simul.facade.Condition;
import dev.simul.facade.Context;
import dev.simul.facade.Event;
import dev.simul.facade.EventLoop;
import dev.simul.facade.Future;
import dev.simul.facade.Handle;
import dev.simul.facade.LifoQueue;
import dev.simul.facade.Lock;
import dev.simul.facade.PriorityQueue;
import dev.simul.facade.Queue;
import dev.simul.facade.Semaphore;
import dev.simul.facade.Task;
import dev.simul.facade.TaskGroup;
import dev.simul.facade.TaskOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;

import static dev.simul.conformance.ExceptionsKt.isMisuse;
import static dev.simul.conformance.MachineKt.getCompound;
import static dev.simul.conformance.MachineKt.getPythonOrder;
import static dev.simul.facade.Asyncio.currentTask;
import static dev.simul.facade.Asyncio.gather;
import static dev.simul.facade.Asyncio.gatherResults;
import static dev.simul.facade.Asyncio.setEventLoop;

/**
 * Runs one program through the facade, on a loop with virtual time, and keeps its trace. All its functions and generators are
 * bodies; what each statement does is in {@link Operations}.
 */
final class Machine {
    private static final Comparator<String> BY_KIND_AND_NUMBER = Comparator.<String>comparingInt(label -> label.charAt(0))
            .thenComparingInt(label -> Integer.parseInt(label.replaceAll("\\D", "")));

    final EventLoop loop;
    final Map<Object, Future<?>> slots = new HashMap<>();
    final Map<Object, Handle> handles = new HashMap<>();
    final Map<Object, RunningGenerator> generators = new HashMap<>();
    final ContextVar<Object> variable = new ContextVar<>("var", 0L);
    final List<ContextVar<Object>> variables = new ArrayList<>();
    final Map<Object, Token<Object>> tokens = new HashMap<>();
    final Map<Object, Context> contexts = new HashMap<>();

    private final Program program;
    private final Show show = new Show();
    private final VirtualTime time = new VirtualTime();
    private final List<String> trace = new ArrayList<>();
    private final List<Task<?>> tasks = new ArrayList<>();
    private final Map<Future<?>, String> labels = new IdentityHashMap<>();
    private int gatherings;
    private final Map<Future<?>, List<Future<?>>> waitsFor = new IdentityHashMap<>();
    private final List<Object> objects = new ArrayList<>();

    /** Of a program, whose bodies get their stacks from {@code carrier}. */
    Machine(Program program, Carrier carrier) {
        this.program = program;
        loop = VirtualLoop.on(time, carrier);
        loop.setExceptionHandler((loop, context) -> {});
        loop.setEagerStart(program.getEager());
        for (int i = 0; i < GrammarKt.VARIABLES; i++) {
            variables.add(new ContextVar<>("v" + i));
        }
        setEventLoop(loop);
        try {
            program.getObjects().forEach(this::addObject);
        } finally {
            setEventLoop(null);
        }
    }

    /** Runs the whole program and gives its trace. */
    List<String> run() {
        Task<?> main = spawn(0, new TaskOptions());
        drive(main);
        trace.add("main " + state(main));
        List<Task<?>> rest = tasks.stream().filter(task -> task != null && !task.isDone()).collect(Collectors.toList());
        rest.forEach(task -> task.cancel(null));
        if (!rest.isEmpty()) {
            drive(loop.createTask("drain", () -> gatherResults(rest).await()));
        }
        tasks.stream().filter(Objects::nonNull).forEach(task -> trace.add("end " + task.getName() + " " + state(task)));
        List<String> result = List.copyOf(trace);
        loop.close();
        return result;
    }

    /** Runs the loop until {@code future} is done; what it failed with is in its state, which the trace shows. */
    private void drive(Future<?> future) {
        try {
            loop.runUntilComplete(future);
        } catch (Deadlock e) {
            trace.add(ShowKt.number(time.getSeconds()) + " - DEADLOCK");
        } catch (Throwable e) {
            if (!future.isDone()) {
                throw e;
            }
        }
    }

    private void addObject(SharedObject spec) {
        Object made = make(spec);
        if (made instanceof Future<?> future) {
            labels.put(future, "O" + objects.size());
        }
        objects.add(made);
    }

    private Object make(SharedObject spec) {
        return switch (spec.getKind()) {
            case Lock -> new Lock();
            case Event -> new Event();
            case Condition -> new Condition();
            case Semaphore -> new Semaphore(spec.getSize());
            case BoundedSemaphore -> new BoundedSemaphore(spec.getSize());
            case Barrier -> new Barrier(spec.getSize());
            case Queue -> new Queue<>(spec.getSize());
            case PriorityQueue -> new PriorityQueue<>(spec.getSize(), getPythonOrder());
            case LifoQueue -> new LifoQueue<>(spec.getSize());
            case Future -> loop.createFuture();
            case StreamReader -> new Stream(spec.getSize(), this::log);
        };
    }

    <T> T shared(Class<T> type, int index) {
        return type.cast(objects.get(index));
    }

    @SuppressWarnings("unchecked") // What is put there is what is taken out.
    Queue<Object> queue(int index) {
        return (Queue<Object>) objects.get(index);
    }

    @SuppressWarnings("unchecked") // It is set to anything.
    Future<Object> future(int index) {
        return (Future<Object>) objects.get(index);
    }

    // Names and the trace.

    void log(String text) {
        Task<?> task = currentTask();
        trace.add(ShowKt.number(time.getSeconds()) + " " + (task == null ? "-" : task.getName()) + " " + text);
    }

    String show(Object value) {
        return show.show(value);
    }

    String state(Future<?> future) {
        return show.state(future);
    }

    String label(Future<?> future) {
        return labels.computeIfAbsent(future, it -> "F" + ++gatherings);
    }

    /** The labels of {@code futures}, tasks last, each kind by number. */
    String labels(Collection<? extends Future<?>> futures) {
        return futures.stream().map(this::label).sorted(BY_KIND_AND_NUMBER).collect(Collectors.joining(", ", "[", "]"));
    }

    /** The duration of a delay of so many seconds that starts now; null for none. */
    Duration after(Double delay) {
        return delay == null ? null : time.durationAfter(delay);
    }

    // Tasks and futures.

    /** A new task of a function, which is numbered when its creation begins: one that starts eagerly may make others. */
    Task<?> spawn(int function, TaskOptions options) {
        int index = tasks.size();
        tasks.add(null);
        return named(index, loop.createTask(options.name(name(index)), () -> run(function)));
    }

    /** As {@link #spawn}, in a group, which may refuse it: then it has no number. */
    Task<?> spawn(int function, TaskGroup group) {
        int index = tasks.size();
        tasks.add(null);
        try {
            return named(index, group.createTask(name(index), () -> run(function)));
        } catch (IllegalStateException e) {
            tasks.remove(index);
            throw e;
        }
    }

    private static String name(int index) {
        return "Task-" + (index + 1);
    }

    private Task<?> named(int index, Task<?> task) {
        tasks.set(index, task);
        labels.put(task, task.getName());
        return task;
    }

    Future<?> slot(Object key) {
        Future<?> future = slots.get(key);
        if (future == null) {
            throw new Missing();
        }
        return future;
    }

    Future<?> item(Reference reference) {
        if (reference instanceof Reference.Slot slot) {
            return slot(slot.getKey());
        }
        return reference instanceof Reference.Fresh fresh
                ? spawn(fresh.getFunction(), new TaskOptions())
                : future(((Reference.Shared) reference).getIndex());
    }

    /** The futures in those of the slots that hold one. */
    List<Future<?>> filled(List<?> keys) {
        return keys.stream().map(slots::get).filter(Objects::nonNull).collect(Collectors.toList());
    }

    Future<?> gathering(List<Reference> references, boolean returnExceptions) {
        List<Future<?>> items = new ArrayList<>();
        for (Reference reference : references) {
            if (!(reference instanceof Reference.Slot slot) || slots.containsKey(slot.getKey())) {
                items.add(item(reference));
            }
        }
        Future<?> future = returnExceptions ? gatherResults(items) : gather(items);
        waitsFor.put(future, items);
        return future;
    }

    /** Waits for {@code future}, by {@code wait}, unless that would make the task wait for itself. */
    Object waitFor(Future<?> future, Callable<?> wait) throws Exception {
        Task<?> me = currentTask();
        if (reaches(future, me, Collections.newSetFromMap(new IdentityHashMap<>()))) {
            throw new Missing();
        }
        waitsFor.put(me, List.of(future));
        try {
            return wait.call();
        } finally {
            waitsFor.remove(me);
        }
    }

    /** Whether {@code future} can only finish after {@code task} has; {@code seen} are those that were asked already. */
    private boolean reaches(Future<?> future, Task<?> task, Set<Future<?>> seen) {
        return future == task
                || (seen.add(future)
                        && waitsFor.getOrDefault(future, List.of()).stream().anyMatch(it -> reaches(it, task, seen)));
    }

    // Running.

    private Object run(int function) throws Exception {
        Object result = call(function);
        show.hasReturned(currentTask());
        return result;
    }

    Object call(int function) throws Exception {
        try {
            block(program.getFunctions().get(function), new Frame());
            return null;
        } catch (Return e) {
            return e.getValue();
        }
    }

    void block(List<Statement> statements, Frame frame) throws Exception {
        for (Statement statement : statements) {
            String name = statement.getOperation();
            try {
                Operations.ALL.get(name).run(this, frame, statement);
            } catch (Missing e) {
                log("nil");
            } catch (Throwable e) {
                if (!isMisuse(e) || program.getStrict() || getCompound().contains(name)) {
                    throw e;
                }
                log("! " + show(e));
            }
        }
    }

    RunningManager manager(int index) {
        return new RunningManager(this, program.getManagers().get(index));
    }

    RunningGenerator open(int generator) {
        return new RunningGenerator(this, program.getGenerators().get(generator));
    }
}
