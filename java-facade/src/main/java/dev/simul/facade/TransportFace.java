// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import org.jspecify.annotations.Nullable;

/** A transport that a loop has made: what all kinds of them can do. */
abstract class TransportFace<S extends dev.simul.transports.BaseTransport> implements BaseTransport {
    final S source;

    TransportFace(S source) {
        this.source = source;
    }

    @Override
    public @Nullable Object getExtraInfo(String name) {
        return source.getExtraInfo(name);
    }

    @Override
    public boolean isClosing() {
        return source.isClosing();
    }

    @Override
    public void close() {
        source.close();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof TransportFace<?> face && face.source == source;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(source);
    }

    @Override
    public String toString() {
        return source.toString();
    }
}
