// SPDX-License-Identifier: Apache-2.0
/** HTTP/1.1 on the event loop. */
module dev.simul.http {
    requires transitive dev.simul.runtime;

    exports dev.simul.http;
}
