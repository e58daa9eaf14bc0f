// SPDX-License-Identifier: Apache-2.0
/** Asyncio for plain Java. */
module dev.simul.facade {
    requires transitive dev.simul.runtime;
    requires dev.simul.http;
    requires static transitive dev.simul.cluster;
    requires static dev.simul.simulation;
    requires static transitive java.net.http;
    requires static transitive jdk.httpserver;
    requires static transitive org.jspecify;

    exports dev.simul.facade;
    exports dev.simul.facade.cluster;
    exports dev.simul.facade.simulation;

    opens dev.simul.facade.simulation to dev.simul.simulation; // Which makes Java's programs in another JVM.
}
