// SPDX-License-Identifier: Apache-2.0
/** Asyncio for plain Java. */
module dev.simul.facade {
    requires transitive dev.simul.runtime;
    requires static transitive org.jspecify;

    // The runtime is an automatic module and cannot ask for what it needs itself.
    requires jdk.unsupported;
    requires kotlin.stdlib;
    requires kotlinx.coroutines.core;
    requires org.slf4j;

    exports dev.simul.facade;
}
