// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.simulation;

import dev.simul.Awaitable;
import dev.simul.facade.Action;
import dev.simul.facade.Future;
import dev.simul.interop.JavaFactory;
import dev.simul.simulation.interop.ProgramFactory;
import java.lang.invoke.MethodHandles;
import java.util.concurrent.Callable;
import kotlin.Unit;
import kotlin.coroutines.Continuation;
import kotlin.jvm.functions.Function1;
import kotlin.jvm.functions.Function2;
import org.jspecify.annotations.Nullable;

import static dev.simul.interop.Bodies.bodyOf;
import static dev.simul.interop.Bodies.callInBody;
import static dev.simul.interop.Calls.withoutResult;

/** Runs Java's programs and hosts as bodies. Another JVM makes this by its name. */
final class Programs implements ProgramFactory {
    @Override
    public Class<SimulatedProgram> getType() {
        return SimulatedProgram.class;
    }

    @Override
    public dev.simul.simulation.SimulatedProgram adapt(Object program) {
        return (simulation, continuation) -> run((SimulatedProgram) program, simulation, continuation);
    }

    /** What the runtime makes simulations of. */
    static Function2<dev.simul.simulation.Simulation, Continuation<? super Unit>, Object> blockOf(SimulatedProgram program) {
        return (simulation, continuation) -> run(program, simulation, continuation);
    }

    private static @Nullable Object run(
            SimulatedProgram program, dev.simul.simulation.Simulation simulation, Continuation<? super Unit> continuation) {
        return awaitBody(
                () -> {
                    program.run(new Simulation(simulation));
                    return null;
                },
                continuation);
    }

    /** What the simulation makes hosts of. */
    static Function1<Continuation<? super Unit>, Object> mainOf(Callable<?> main) {
        return continuation -> awaitBody(main, continuation);
    }

    static Callable<@Nullable Void> bodyOfHost(Action main) {
        return () -> {
            main.run();
            return null;
        };
    }

    private static @Nullable Object awaitBody(Callable<?> body, Continuation<? super Unit> continuation) {
        Callable<Unit> forNothing = () -> {
            body.call();
            return Unit.INSTANCE;
        };
        return bodyOf(forNothing).await(continuation);
    }

    /** The future of a call of a suspend function that returns {@code Unit}. */
    static Future<@Nullable Void> call(Awaitable<Unit> function) {
        return (Future<@Nullable Void>) JavaFactory.of(MethodHandles.lookup(), Future.class).futureOf(callInBody(withoutResult(function)));
    }
}
