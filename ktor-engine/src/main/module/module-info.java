// SPDX-License-Identifier: Apache-2.0
/** Ktor's clients and servers on the event loop. */
@SuppressWarnings({"requires-automatic", "requires-transitive-automatic"}) // Ktor has no module descriptors.
module dev.simul.ktor {
    requires transitive dev.simul.http;
    requires static transitive io.ktor.client.core;
    requires static transitive io.ktor.server.core;

    exports dev.simul.ktor.client;
    exports dev.simul.ktor.server;
}
