// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

/**
 * What is demanded of the peer's certificate.
 *
 * <p>CPython name: {@code ssl.VerifyMode}.
 */
public enum VerifyMode {
    /** Nothing: a client takes any certificate, a server asks for none. */
    CERT_NONE(dev.simul.tls.VerifyMode.CERT_NONE),

    /** A server asks for a certificate, and accepts none; one that it gets must be valid. For a client as the next one. */
    CERT_OPTIONAL(dev.simul.tls.VerifyMode.CERT_OPTIONAL),

    /** There must be one, and it must be valid. */
    CERT_REQUIRED(dev.simul.tls.VerifyMode.CERT_REQUIRED);

    final dev.simul.tls.VerifyMode source;

    VerifyMode(dev.simul.tls.VerifyMode source) {
        this.source = source;
    }

    static VerifyMode of(dev.simul.tls.VerifyMode source) {
        return values()[source.ordinal()];
    }
}
