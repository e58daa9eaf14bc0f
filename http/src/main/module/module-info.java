// SPDX-License-Identifier: Apache-2.0
/** HTTP/1.1 on the event loop. */
@SuppressWarnings("module") // The facade is compiled later.
module dev.simul.http {
    requires transitive dev.simul.runtime;

    requires static java.net.http;
    requires static jdk.httpserver;

    exports dev.simul.http;

    exports dev.simul.http.jdk to dev.simul.facade;
}
