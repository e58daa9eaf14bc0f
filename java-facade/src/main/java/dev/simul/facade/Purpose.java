// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

/**
 * What an {@link SslContext} is for, named by whom it authenticates.
 *
 * <p>CPython name: {@code ssl.Purpose}.
 */
public enum Purpose {
    /** For clients, which authenticate their servers. */
    SERVER_AUTH(dev.simul.tls.Purpose.SERVER_AUTH),

    /** For servers, which may authenticate their clients. */
    CLIENT_AUTH(dev.simul.tls.Purpose.CLIENT_AUTH);

    final dev.simul.tls.Purpose source;

    Purpose(dev.simul.tls.Purpose source) {
        this.source = source;
    }

    static Purpose of(dev.simul.tls.Purpose source) {
        return values()[source.ordinal()];
    }
}
