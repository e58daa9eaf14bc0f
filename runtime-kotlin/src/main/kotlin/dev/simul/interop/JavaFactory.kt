// SPDX-License-Identifier: Apache-2.0
package dev.simul.interop

import dev.simul.FacadeApi
import dev.simul.bodies.Call
import dev.simul.generators.AsyncGenerator
import java.lang.invoke.MethodHandles.Lookup
import java.util.concurrent.CompletableFuture

/**
 * Makes the facade's objects for those of its packages that cannot reach the constructors, which users are not to see either.
 *
 * The facade [registers][register] it in the static initializer of its class of futures.
 */
@FacadeApi
public interface JavaFactory {
    /** The facade's future of [call]. */
    public fun <T> futureOf(call: Call<T>): CompletableFuture<T>

    /** The facade's view of [generator], which is sent nothing. */
    public fun <T> iterableOf(generator: AsyncGenerator<T, *>): Iterable<T>

    /**
     * Where the facade's packages meet. Its own initializer asks for no class of the facade: two threads that begin to use the facade at
     * once cannot wait for each other here.
     */
    @FacadeApi
    public companion object {
        @Volatile
        private var registered: JavaFactory? = null

        /** Makes [of] return [factory]. */
        @JvmStatic
        public fun register(factory: JavaFactory) {
            registered = factory
        }

        /** The factory that the static initializer of [type] registers, which runs first if it has not; [lookup] has access to that class. */
        @JvmStatic
        public fun of(
            lookup: Lookup,
            type: Class<*>,
        ): JavaFactory {
            lookup.ensureInitialized(type)
            return checkNotNull(registered) { "$type registers no factory" }
        }
    }
}
