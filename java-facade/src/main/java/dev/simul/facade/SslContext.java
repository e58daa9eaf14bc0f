// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import java.io.IOException;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * How TLS is spoken: whose certificate is shown, whose are trusted, and which versions and protocols are offered.
 *
 * <p>It never changes; the {@code with} methods make others. Any number of connections, loops and threads may share one: make it
 * once, since that reads files, and since it remembers sessions, which spare the next connection to the same server half of its
 * handshake.
 *
 * <pre>{@code
 * var forClients = SslContext.createDefaultContext();
 * var forServers = SslContext.createDefaultContext(Purpose.CLIENT_AUTH)
 *         .withCertChain(Path.of("cert.pem"), Path.of("key.pem"));
 * }</pre>
 *
 * <p>CPython name: {@code ssl.SSLContext}.
 */
public final class SslContext {
    final dev.simul.tls.SslContext source;

    SslContext(dev.simul.tls.SslContext source) {
        this.source = source;
    }

    static dev.simul.tls.@Nullable SslContext sourceOf(@Nullable SslContext context) {
        return context == null ? null : context.source;
    }

    /** As {@link #createDefaultContext(Purpose)}, for clients. CPython name: {@code ssl.create_default_context()}. */
    public static SslContext createDefaultContext() {
        return createDefaultContext(Purpose.SERVER_AUTH);
    }

    /**
     * A context as it should be.
     *
     * <p>For clients it trusts what the JDK trusts, and checks the names of hosts. For servers it asks for no certificates;
     * {@link #withCertChain(Path, Path)} makes it one that can serve.
     *
     * <p>CPython name: {@code ssl.create_default_context(purpose)}.
     */
    public static SslContext createDefaultContext(Purpose purpose) {
        return new SslContext(dev.simul.tls.SslContext.createDefaultContext(purpose.source));
    }

    /**
     * As {@link #createDefaultContext(Purpose)}, trusting only the authorities of a file.
     *
     * <p>CPython name: {@code ssl.create_default_context(purpose, cafile=cafile)}.
     *
     * @param cafile PEM
     * @throws IllegalArgumentException if there is no certificate in it
     * @throws IOException if it cannot be read
     */
    public static SslContext createDefaultContext(Purpose purpose, Path cafile) throws IOException {
        return new SslContext(dev.simul.tls.SslContext.createDefaultContext(purpose.source, cafile));
    }

    /**
     * A context that shows and trusts what {@code context} does, which was made with key and trust managers. For clients it checks
     * the names of hosts; for servers it asks for no certificates.
     *
     * @throws IllegalStateException if {@code context} was not initialised
     */
    public static SslContext of(SSLContext context, Purpose purpose) {
        return new SslContext(dev.simul.tls.SslContext.of(context, purpose.source));
    }

    /** Whether it is for clients or for servers. */
    public Purpose purpose() {
        return Purpose.of(source.purpose());
    }

    /**
     * Whether a client compares the certificate with the server's name.
     *
     * <p>CPython name: {@code SSLContext.check_hostname}.
     */
    public boolean checkHostname() {
        return source.checkHostname();
    }

    /** What is demanded of the peer's certificate. CPython name: {@code SSLContext.verify_mode}. */
    public VerifyMode verifyMode() {
        return VerifyMode.of(source.verifyMode());
    }

    /** What it offers, best first, such as {@code h2} and {@code http/1.1}. */
    public List<String> alpnProtocols() {
        return source.alpnProtocols();
    }

    /** The oldest version it speaks. CPython name: {@code SSLContext.minimum_version}. */
    public TlsVersion minimumVersion() {
        return TlsVersion.of(source.minimumVersion());
    }

    /** The newest version it speaks. CPython name: {@code SSLContext.maximum_version}. */
    public TlsVersion maximumVersion() {
        return TlsVersion.of(source.maximumVersion());
    }

    /**
     * Whether a peer that closes the connection without ending TLS has ended its stream like any other, as it is unless
     * {@link #withIgnoreUnexpectedEof} says otherwise.
     *
     * <p>CPython name: {@code ssl.OP_IGNORE_UNEXPECTED_EOF} in {@code SSLContext.options}.
     */
    public boolean ignoreUnexpectedEof() {
        return source.ignoreUnexpectedEof();
    }

    /**
     * This, with a certificate to show: a server needs one.
     *
     * <p>CPython name: {@code SSLContext.load_cert_chain(certfile, keyfile)}.
     *
     * @param certfile PEM: the certificate, then those of the authorities in between
     * @param keyfile PEM: the certificate's private key, as PKCS#8; may be the same file
     * @throws IllegalArgumentException if a file has not what it should have, or the key is another one's
     * @throws IOException if a file cannot be read
     */
    public SslContext withCertChain(Path certfile, Path keyfile) throws IOException {
        return new SslContext(source.withCertChain(certfile, keyfile));
    }

    /** As {@link #withCertChain(Path, Path)}, with a key that is encrypted with {@code password}. */
    public SslContext withCertChain(Path certfile, Path keyfile, char[] password) throws IOException {
        return new SslContext(source.withCertChain(certfile, keyfile, password));
    }

    /** This, with the certificates and private keys of {@code keyStore}, all under one password: the one that fits best is shown. */
    public SslContext withCertChain(KeyStore keyStore, char[] password) {
        return new SslContext(source.withCertChain(keyStore, password));
    }

    /**
     * This, trusting the certificates in {@code cafiles}, of PEM, besides those it trusts already.
     *
     * <p>CPython name: {@code SSLContext.load_verify_locations(cafile)}.
     *
     * @throws IllegalArgumentException if there is no certificate in one of them
     * @throws IOException if one of them cannot be read
     */
    public SslContext withVerifyLocations(Path... cafiles) throws IOException {
        return new SslContext(source.withVerifyLocations(cafiles));
    }

    /** This, trusting {@code certificates} besides those it trusts already. */
    public SslContext withTrusted(Collection<X509Certificate> certificates) {
        return new SslContext(source.withTrusted(certificates));
    }

    /**
     * This, comparing the name of the server with its certificate, or not. To do so includes {@link VerifyMode#CERT_REQUIRED}.
     *
     * <p>CPython name: {@code SSLContext.check_hostname = ...}.
     */
    public SslContext withCheckHostname(boolean checkHostname) {
        return new SslContext(source.withCheckHostname(checkHostname));
    }

    /**
     * This, demanding of the peer's certificate what {@code verifyMode} says.
     *
     * <p>CPython name: {@code SSLContext.verify_mode = ...}.
     *
     * @throws IllegalArgumentException if there is nothing to demand, but host names are checked: end that before
     */
    public SslContext withVerifyMode(VerifyMode verifyMode) {
        return new SslContext(source.withVerifyMode(verifyMode.source));
    }

    /**
     * This, offering {@code protocols}, best first. When both sides have some in common the server's best one is agreed on, and
     * found as {@code getApplicationProtocol()} of the extra information {@code "ssl_object"}.
     *
     * <p>CPython name: {@code SSLContext.set_alpn_protocols(alpn_protocols)}.
     */
    public SslContext withAlpnProtocols(String... protocols) {
        return new SslContext(source.withAlpnProtocols(protocols));
    }

    /** This, speaking no older version than {@code version}. CPython name: {@code SSLContext.minimum_version = ...}. */
    public SslContext withMinimumVersion(TlsVersion version) {
        return new SslContext(source.withMinimumVersion(version.source));
    }

    /** This, speaking no newer version than {@code version}. CPython name: {@code SSLContext.maximum_version = ...}. */
    public SslContext withMaximumVersion(TlsVersion version) {
        return new SslContext(source.withMaximumVersion(version.source));
    }

    /**
     * This, for a server that has {@code callback} choose the context of each connection; null for none.
     *
     * <p>CPython name: {@code SSLContext.sni_callback = ...}.
     */
    public SslContext withSniCallback(@Nullable SniCallback callback) {
        return new SslContext(
                source.withSniCallback(callback == null ? null : name -> sourceOf(callback.contextFor(name))));
    }

    /**
     * This, taking a connection that the peer closes without ending TLS for one that has ended regularly, or not: then the protocol's
     * {@code eofReceived} is not called, and {@code connectionLost} and streams get a {@link dev.simul.tls.SslEofException}.
     *
     * <p>TLS says goodbye before a connection is closed, so that nobody in between can cut off what is sent. Many peers do not, and
     * asyncio does not mind. Do not ignore it where only the end of the connection tells that all has come.
     *
     * <p>CPython name: {@code SSLContext.options &= ~ssl.OP_IGNORE_UNEXPECTED_EOF}, which asyncio's connections do not heed.
     */
    public SslContext withIgnoreUnexpectedEof(boolean ignoreUnexpectedEof) {
        return new SslContext(source.withIgnoreUnexpectedEof(ignoreUnexpectedEof));
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof SslContext context && context.source == source;
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
