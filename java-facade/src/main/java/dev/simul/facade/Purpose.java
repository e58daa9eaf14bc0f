package dev.simul.facade;

/**
 * What an {@link SslContext} is for, named by whom it authenticates.
 *
 * <p>CPython name: {@code ssl.Purpose}.
 */
public enum Purpose {
    /** For clients, which authenticate their servers. */
    SERVER_AUTH(dev.simul.io.Purpose.SERVER_AUTH),

    /** For servers, which may authenticate their clients. */
    CLIENT_AUTH(dev.simul.io.Purpose.CLIENT_AUTH);

    final dev.simul.io.Purpose source;

    Purpose(dev.simul.io.Purpose source) {
        this.source = source;
    }

    static Purpose of(dev.simul.io.Purpose source) {
        return values()[source.ordinal()];
    }
}
