// SPDX-License-Identifier: Apache-2.0
/** Netty's channels on the event loop. */
module dev.simul.netty {
    requires transitive dev.simul.runtime;
    requires transitive io.netty.common;
    requires transitive io.netty.resolver;
    requires transitive io.netty.transport;

    exports dev.simul.netty;

    provides dev.simul.FutureWrapper with dev.simul.netty.NettyFutureWrapper;
}
