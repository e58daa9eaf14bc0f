// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import org.jspecify.annotations.Nullable;

/** A protocol in Java, to the runtime: what all kinds of them are told. */
abstract class AdaptedProtocol<P extends BaseProtocol> implements dev.simul.transports.BaseProtocol {
    final P protocol;

    AdaptedProtocol(P protocol) {
        this.protocol = protocol;
    }

    @Override
    public void connectionLost(@Nullable Throwable exception) {
        protocol.connectionLost(exception);
    }

    @Override
    public void pauseWriting() {
        protocol.pauseWriting();
    }

    @Override
    public void resumeWriting() {
        protocol.resumeWriting();
    }

    @Override
    public String toString() {
        return protocol.toString();
    }
}
