// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.generators.AsyncGeneratorContextManagerKt;
import dev.simul.generators.ContextManagerKt;
import dev.simul.generators.ExitStack;
import dev.simul.generators.GeneratorContextManagerKt;
import dev.simul.generators.SuppressKt;
import java.util.Arrays;
import kotlin.Unit;
import kotlin.jvm.JvmClassMappingKt;
import kotlin.jvm.functions.Function2;
import kotlin.reflect.KClass;
import org.jspecify.annotations.Nullable;

import static dev.simul.facade.Calls.awaitHere;

/**
 * Converts context managers of the facade to the runtime's, and back.
 *
 * <p>A body awaits on its own stack, so both kinds are the runtime's synchronous ones here.
 */
final class Managers {
    private Managers() {}

    static <T extends @Nullable Object, R extends @Nullable Object> R with(
            AsyncContextManager<T> manager, AsyncContextManager.Block<? super T, R> block) {
        return ContextManagerKt.use(toRuntime(manager), value -> {
            try {
                return block.run(value);
            } catch (Exception e) {
                throw Sneaky.rethrow(e);
            }
        });
    }

    static void push(ExitStack stack, AsyncContextManager.Exit exit) {
        stack.push(exception -> leave(exit, exception));
    }

    static void callback(ExitStack stack, Runnable callback) {
        stack.callback(() -> {
            callback.run();
            return Unit.INSTANCE;
        });
    }

    private static boolean leave(AsyncContextManager.Exit exit, @Nullable Throwable exception) {
        try {
            return exit.exit(exception);
        } catch (Exception e) {
            throw Sneaky.rethrow(e);
        }
    }

    @SuppressWarnings({"unchecked", "rawtypes"}) // Java knows no Nothing, which is what such a generator is sent.
    static <T extends @Nullable Object> AsyncContextManager<T> asyncContextManager(AsyncGenerator.Body<T, Void> body) {
        Function2 coroutine = AsyncGenerator.coroutineOf(body);
        return fromRuntime((dev.simul.AsyncContextManager<T>) AsyncGeneratorContextManagerKt.asyncContextManager(coroutine));
    }

    @SuppressWarnings({"unchecked", "rawtypes"}) // As above.
    static <T extends @Nullable Object> ContextManager<T> contextManager(Generator.Body<T, Void> body) {
        Function2 coroutine = Generator.coroutineOf(body);
        return fromRuntime((dev.simul.generators.ContextManager<T>) GeneratorContextManagerKt.contextManager(coroutine));
    }

    @SuppressWarnings({"unchecked", "rawtypes"}) // There are no arrays of a type with parameters.
    static ContextManager<@Nullable Void> suppress(Class<? extends Throwable>[] types) {
        KClass<? extends Throwable>[] classes = new KClass[types.length];
        Arrays.setAll(classes, i -> JvmClassMappingKt.getKotlinClass(types[i]));
        dev.simul.generators.ContextManager<Unit> manager = SuppressKt.suppress(classes);
        return new ContextManager<>() {
            @Override
            public @Nullable Void enter() {
                return null;
            }

            @Override
            public boolean exit(@Nullable Throwable exception) {
                return manager.exit(exception);
            }
        };
    }

    static <T extends @Nullable Object> dev.simul.generators.ContextManager<T> toRuntime(AsyncContextManager<T> manager) {
        return new dev.simul.generators.ContextManager<>() {
            @Override
            public T enter() {
                return new CallableFunction<>(manager::aenter).invoke();
            }

            @Override
            public boolean exit(@Nullable Throwable exception) {
                return leave(manager::aexit, exception);
            }
        };
    }

    static <T extends @Nullable Object> ContextManager<T> fromRuntime(dev.simul.generators.ContextManager<T> manager) {
        return new ContextManager<>() {
            @Override
            public T enter() {
                return manager.enter();
            }

            @Override
            public boolean exit(@Nullable Throwable exception) {
                return manager.exit(exception);
            }
        };
    }

    static <T extends @Nullable Object> AsyncContextManager<T> fromRuntime(dev.simul.AsyncContextManager<T> manager) {
        return new AsyncContextManager<>() {
            @Override
            public T aenter() {
                return awaitHere(manager::aenter);
            }

            @Override
            public boolean aexit(@Nullable Throwable exception) {
                return awaitHere(continuation -> manager.aexit(exception, continuation));
            }
        };
    }
}
