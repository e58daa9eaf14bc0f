// SPDX-License-Identifier: Apache-2.0
/** Netty's channels on the event loop, and drivers that stand on them. */
@SuppressWarnings("requires-automatic") // The drivers have no module descriptors.
module dev.simul.netty {
    requires transitive dev.simul.runtime;
    requires transitive io.netty.common;
    requires transitive io.netty.resolver;
    requires transitive io.netty.transport;

    requires static io.netty.handler;
    requires static lettuce.core;

    exports dev.simul.netty;
    exports dev.simul.netty.lettuce;

    provides dev.simul.FutureWrapper with dev.simul.netty.NettyFutureWrapper;
}
