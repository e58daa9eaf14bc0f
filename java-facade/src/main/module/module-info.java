// SPDX-License-Identifier: Apache-2.0
/** Asyncio for plain Java. */
module dev.simul.facade {
    requires transitive dev.simul.runtime;
    requires dev.simul.http;
    requires static transitive java.net.http;
    requires static transitive jdk.httpserver;
    requires static transitive org.jspecify;

    exports dev.simul.facade;
}
