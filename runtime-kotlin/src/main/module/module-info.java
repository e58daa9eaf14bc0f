// SPDX-License-Identifier: Apache-2.0
/** Asyncio's semantics over Kotlin coroutines. */
@SuppressWarnings({"module", "requires-automatic"}) // The facade and the extension for JUnit are compiled later; Micrometer is no module.
module dev.simul.runtime {
    requires transitive kotlin.stdlib;
    requires transitive kotlinx.coroutines.core;

    requires static jdk.jfr;
    requires jdk.unsupported;
    requires org.slf4j;

    requires static java.management;
    requires static jdk.management;
    requires static micrometer.core;

    uses dev.simul.FutureWrapper;
    uses java.lang.System.LoggerFinder;
    uses org.slf4j.spi.SLF4JServiceProvider;

    exports dev.simul;
    exports dev.simul.bodies;
    exports dev.simul.channels;
    exports dev.simul.context;
    exports dev.simul.exceptions;
    exports dev.simul.files;
    exports dev.simul.generators;
    exports dev.simul.loop;
    exports dev.simul.net;
    exports dev.simul.observe;
    exports dev.simul.process;
    exports dev.simul.queues;
    exports dev.simul.repeating;
    exports dev.simul.staggered;
    exports dev.simul.streams;
    exports dev.simul.sync;
    exports dev.simul.testing;
    exports dev.simul.testing.network;
    exports dev.simul.tls;
    exports dev.simul.transports;
    exports dev.simul.workers;

    exports dev.simul.interop to dev.simul.facade, dev.simul.junit, dev.simul.netty;
}
