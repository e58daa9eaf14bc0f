// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.bodies.Call;
import dev.simul.generators.AsyncGenerator;
import dev.simul.interop.JavaFactory;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Makes what only this package can for the facade's other packages. */
final class Factory implements JavaFactory {
    @Override
    public <T extends @Nullable Object> CompletableFuture<T> futureOf(Call<T> call) {
        return new Future<>(call);
    }

    @Override
    public <T extends @Nullable Object> AsyncIterable<T> iterableOf(AsyncGenerator<T, ?> generator) {
        return dev.simul.facade.AsyncGenerator.sentNothing(generator);
    }
}
