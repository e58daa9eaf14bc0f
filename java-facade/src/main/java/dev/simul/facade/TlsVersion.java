// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

/**
 * A version of the protocol. Older ones are broken, and left out.
 *
 * <p>CPython name: {@code ssl.TLSVersion}.
 */
public enum TlsVersion {
    /** TLS 1.2. */
    TLS_1_2(dev.simul.tls.TlsVersion.TLS_1_2),

    /** TLS 1.3. */
    TLS_1_3(dev.simul.tls.TlsVersion.TLS_1_3);

    final dev.simul.tls.TlsVersion source;

    TlsVersion(dev.simul.tls.TlsVersion source) {
        this.source = source;
    }

    static TlsVersion of(dev.simul.tls.TlsVersion source) {
        return values()[source.ordinal()];
    }
}
