// SPDX-License-Identifier: Apache-2.0
package dev.simul.tls

import java.io.IOException
import java.net.IDN
import java.net.InetSocketAddress
import java.nio.file.Path
import java.security.KeyStore
import java.security.cert.X509Certificate
import javax.net.ssl.KeyManager
import javax.net.ssl.SNIHostName
import javax.net.ssl.SSLContext
import javax.net.ssl.SSLEngine
import javax.net.ssl.TrustManager

/**
 * The configuration of TLS: the certificate to present, the trusted ones, and the versions and protocols to offer.
 *
 * It is immutable; the `with` functions return changed copies. Any number of connections, loops and threads may share one: create it once,
 * since that reads files, and since it keeps sessions, which shorten the handshake of the next connection to the same server.
 *
 * ```
 * val forClients = SslContext.createDefaultContext()
 * val forServers = SslContext.createDefaultContext(Purpose.CLIENT_AUTH).withCertChain(Path.of("cert.pem"), Path.of("key.pem"))
 * ```
 *
 * Source: `ssl.SSLContext`.
 */
public class SslContext private constructor(
    private val settings: Settings,
) {
    private data class Settings(
        val purpose: Purpose,
        val checkHostname: Boolean,
        val verifyMode: VerifyMode,
        val keys: Array<KeyManager>? = null,
        val trust: TrustManager? = null,
        val given: SSLContext? = null,
        val alpnProtocols: List<String> = emptyList(),
        val minimumVersion: TlsVersion = TlsVersion.TLS_1_2,
        val maximumVersion: TlsVersion = TlsVersion.TLS_1_3,
        val sniCallback: SniCallback? = null,
        val ignoreUnexpectedEof: Boolean = true,
    )

    // Each has one of its own: a session made without checks must not be resumed by a context that wants them.
    private val context: SSLContext = settings.given ?: newContext()

    private fun newContext(): SSLContext {
        val trust = if (purpose == Purpose.SERVER_AUTH && verifyMode == VerifyMode.CERT_NONE) Trust.ACCEPT_ALL else settings.trust
        return SSLContext.getInstance("TLS").apply { init(settings.keys, arrayOf(trust), null) }
    }

    /** Whether it is for clients or for servers. */
    @get:JvmName("purpose")
    public val purpose: Purpose get() = settings.purpose

    /** Whether a client checks the certificate against the server's name. Source: `SSLContext.check_hostname`. */
    @get:JvmName("checkHostname")
    public val checkHostname: Boolean get() = settings.checkHostname

    /** What is required of the peer's certificate. Source: `SSLContext.verify_mode`. */
    @get:JvmName("verifyMode")
    public val verifyMode: VerifyMode get() = settings.verifyMode

    /** The protocols that it offers, best first, such as `h2` and `http/1.1`. */
    @get:JvmName("alpnProtocols")
    public val alpnProtocols: List<String> get() = settings.alpnProtocols

    /** The oldest version it speaks. Source: `SSLContext.minimum_version`. */
    @get:JvmName("minimumVersion")
    public val minimumVersion: TlsVersion get() = settings.minimumVersion

    /** The newest version it speaks. Source: `SSLContext.maximum_version`. */
    @get:JvmName("maximumVersion")
    public val maximumVersion: TlsVersion get() = settings.maximumVersion

    /** Chooses another context for a connection. Source: `SSLContext.sni_callback`. */
    @get:JvmName("sniCallback")
    public val sniCallback: SniCallback? get() = settings.sniCallback

    /**
     * Whether a connection that the peer closes without ending TLS counts as a regular end of its stream; true unless changed by
     * [withIgnoreUnexpectedEof]. Source: `ssl.OP_IGNORE_UNEXPECTED_EOF` in `SSLContext.options`.
     */
    @get:JvmName("ignoreUnexpectedEof")
    public val ignoreUnexpectedEof: Boolean get() = settings.ignoreUnexpectedEof

    /**
     * Returns a copy with a certificate to present; a server needs one.
     *
     * Source: `SSLContext.load_cert_chain(certfile, keyfile=None, password=None)`.
     *
     * @param certfile a PEM file: the certificate, then those of the intermediate authorities.
     * @param keyfile a PEM file: the certificate's private key, as PKCS#8.
     * @param password the password that the key is encrypted with; null if it is not encrypted.
     * @throws IllegalArgumentException if a file lacks its contents, or the key does not match the certificate.
     * @throws IOException if a file cannot be read.
     */
    @JvmOverloads
    @Throws(IOException::class)
    public fun withCertChain(
        certfile: Path,
        keyfile: Path = certfile,
        password: CharArray? = null,
    ): SslContext = with(ownSettings().copy(keys = CertChain.load(certfile, keyfile, password)))

    /** Returns a copy with the certificates and private keys of [keyStore], all under one [password]; the best match is presented. */
    public fun withCertChain(
        keyStore: KeyStore,
        password: CharArray,
    ): SslContext = with(ownSettings().copy(keys = CertChain.load(keyStore, password)))

    /**
     * Returns a copy that also trusts the certificates in the PEM files [cafiles].
     *
     * Source: `SSLContext.load_verify_locations(cafile=None, capath=None, cadata=None)`.
     *
     * @throws IllegalArgumentException if one of them contains no certificate.
     * @throws IOException if one of them cannot be read.
     */
    @Throws(IOException::class)
    public fun withVerifyLocations(vararg cafiles: Path): SslContext = withTrusted(cafiles.flatMap { Pem(it).certificates() })

    /** Returns a copy that also trusts [certificates]. */
    public fun withTrusted(certificates: Collection<X509Certificate>): SslContext {
        val settings = ownSettings()
        return with(settings.copy(trust = Trust.of(Trust.anchorsOf(settings.trust!!) + certificates)))
    }

    /**
     * Returns a copy that checks the server's name against its certificate, or does not. Checking implies [VerifyMode.CERT_REQUIRED].
     *
     * Source: `SSLContext.check_hostname = …`.
     */
    public fun withCheckHostname(checkHostname: Boolean): SslContext {
        require(!checkHostname || purpose == Purpose.SERVER_AUTH) { "a context for servers cannot check host names: clients have none" }
        val verifyMode = if (checkHostname && verifyMode == VerifyMode.CERT_NONE) VerifyMode.CERT_REQUIRED else verifyMode
        return with(settings.copy(checkHostname = checkHostname, verifyMode = verifyMode))
    }

    /**
     * Returns a copy with that [verifyMode] for the peer's certificate.
     *
     * Source: `SSLContext.verify_mode = …`.
     *
     * @throws IllegalArgumentException for [VerifyMode.CERT_NONE] while host names are checked: turn that off first.
     */
    public fun withVerifyMode(verifyMode: VerifyMode): SslContext {
        require(verifyMode != VerifyMode.CERT_NONE || !checkHostname) {
            "Cannot set verifyMode to CERT_NONE when checkHostname is on: use withCheckHostname(false) before"
        }
        require(verifyMode != VerifyMode.CERT_NONE || purpose == Purpose.CLIENT_AUTH || settings.given == null) {
            "the SSLContext that this was made from decides which servers it trusts: make it with other trust managers"
        }
        return with(settings.copy(verifyMode = verifyMode))
    }

    /**
     * Returns a copy that offers [protocols], best first. If both sides have some in common, the server's best one is chosen, and available
     * as `applicationProtocol` of the extra information `"ssl_object"`.
     *
     * Source: `SSLContext.set_alpn_protocols(alpn_protocols)`.
     */
    public fun withAlpnProtocols(vararg protocols: String): SslContext {
        require(protocols.none { it.isEmpty() || it.length > LONGEST_ALPN || it.any { char -> char > '\u007f' } }) {
            "one of the protocols [${protocols.joinToString()}] is empty, longer than $LONGEST_ALPN bytes, or not in ASCII"
        }
        return with(settings.copy(alpnProtocols = protocols.toList()))
    }

    /** Returns a copy that accepts no version older than [version]. Source: `SSLContext.minimum_version = …`. */
    public fun withMinimumVersion(version: TlsVersion): SslContext = with(settings.copy(minimumVersion = version))

    /** Returns a copy that accepts no version newer than [version]. Source: `SSLContext.maximum_version = …`. */
    public fun withMaximumVersion(version: TlsVersion): SslContext = with(settings.copy(maximumVersion = version))

    /** Returns a copy for a server whose [callback] chooses the context of each connection. Source: `SSLContext.sni_callback = …`. */
    public fun withSniCallback(callback: SniCallback?): SslContext {
        require(
            purpose == Purpose.CLIENT_AUTH,
        ) { "a context for clients cannot have a sniCallback: clients send the name, servers receive it" }
        return with(settings.copy(sniCallback = callback))
    }

    /**
     * Returns a copy that accepts the closing of a connection without an end of TLS as a regular end, or does not: then the protocol's
     * `eofReceived` is not called, and `connectionLost` and streams get an [SslEofException].
     *
     * TLS sends a closing message before a connection is closed, so that an attacker cannot truncate the data. Many peers do not send it,
     * and asyncio accepts that. Do not ignore it if only the end of the connection tells that the data is complete.
     *
     * Source: `SSLContext.options &= ~ssl.OP_IGNORE_UNEXPECTED_EOF`, which asyncio's connections ignore.
     */
    public fun withIgnoreUnexpectedEof(ignoreUnexpectedEof: Boolean): SslContext =
        with(settings.copy(ignoreUnexpectedEof = ignoreUnexpectedEof))

    private fun with(settings: Settings) = SslContext(settings)

    private fun ownSettings(): Settings {
        check(settings.given == null) { "this was made from an SSLContext, which has its own certificates: make that one with others" }
        return settings
    }

    /** Refuses to be used on the wrong side, without a version, or by a server without a certificate. */
    internal fun requireFor(serverSide: Boolean) {
        val needed = if (serverSide) Purpose.CLIENT_AUTH else Purpose.SERVER_AUTH
        require(purpose == needed) {
            "Cannot create a ${if (serverSide) "server" else "client"} connection with a context for $purpose: make one for $needed"
        }
        require(minimumVersion <= maximumVersion) { "minimumVersion is $minimumVersion, and maximumVersion $maximumVersion" }
        require(!serverSide || sniCallback != null || settings.given != null || settings.keys != null) {
            "this context has no certificate to present: give it one by withCertChain(), which a server needs"
        }
    }

    /** @param peer whose connection it is; an [SSLContext] that was given may want to know. */
    internal fun newServerEngine(peer: InetSocketAddress?): SSLEngine {
        val isTold = settings.given != null && peer != null
        val engine = newEngine(if (isTold) context.createSSLEngine(peer.address.hostAddress, peer.port) else context.createSSLEngine())
        when (verifyMode) {
            VerifyMode.CERT_NONE -> {}
            VerifyMode.CERT_OPTIONAL -> engine.wantClientAuth = true
            VerifyMode.CERT_REQUIRED -> engine.needClientAuth = true
        }
        // As in Python; by default the JDK ends the connection if there is no protocol in common.
        if (alpnProtocols.isNotEmpty()) {
            engine.setHandshakeApplicationProtocolSelector { _, offered -> alpnProtocols.firstOrNull { it in offered }.orEmpty() }
        }
        return engine
    }

    /** @param hostname null if the server's name is unknown. */
    internal fun newClientEngine(
        hostname: String?,
        port: Int,
    ): SSLEngine {
        val name = hostname?.removeSuffix(".")?.let { if (it.isLiteral()) it else IDN.toASCII(it, IDN.ALLOW_UNASSIGNED) }
        val engine = newEngine(if (name == null) context.createSSLEngine() else context.createSSLEngine(name, port))
        engine.useClientMode = true
        val parameters = engine.sslParameters
        if (name != null && !name.isLiteral()) parameters.serverNames = listOf(SNIHostName(name.toByteArray()))
        if (checkHostname) parameters.endpointIdentificationAlgorithm = "HTTPS"
        parameters.applicationProtocols = alpnProtocols.toTypedArray()
        engine.sslParameters = parameters
        return engine
    }

    /** Whether this is a literal address: the server is not told of it. */
    private fun String.isLiteral() = ':' in this || substringAfterLast('.').let { it.isNotEmpty() && it.all(Char::isDigit) }

    private fun newEngine(engine: SSLEngine): SSLEngine {
        engine.useClientMode = false
        val versions = TlsVersion.entries.filter { it in minimumVersion..maximumVersion }.map { it.protocol }
        // A context that was given may have enabled fewer.
        val enabled = if (settings.given == null) versions else versions.filter { it in engine.enabledProtocols }.ifEmpty { versions }
        engine.enabledProtocols = enabled.toTypedArray()
        return engine
    }

    override fun toString(): String = "<SslContext for $purpose, $verifyMode${if (checkHostname) ", checks host names" else ""}>"

    public companion object {
        private const val LONGEST_ALPN = 255

        /**
         * A context with secure defaults.
         *
         * A client's context trusts the JDK's authorities, and checks host names. A server's asks for no certificates; it needs
         * [withCertChain] to serve.
         *
         * Source: `ssl.create_default_context(purpose=Purpose.SERVER_AUTH)`.
         */
        @JvmStatic
        @JvmOverloads
        public fun createDefaultContext(purpose: Purpose = Purpose.SERVER_AUTH): SslContext =
            trusting(purpose, if (purpose == Purpose.SERVER_AUTH) Trust.SYSTEM else Trust.of(emptyList()))

        /**
         * As the other [createDefaultContext], but trusts only the authorities in a file.
         *
         * Source: `ssl.create_default_context(purpose=Purpose.SERVER_AUTH, *, cafile=cafile)`.
         *
         * @param cafile a PEM file.
         * @throws IllegalArgumentException if [cafile] contains no certificate.
         * @throws IOException if it cannot be read.
         */
        @JvmStatic
        @Throws(IOException::class)
        public fun createDefaultContext(
            purpose: Purpose = Purpose.SERVER_AUTH,
            cafile: Path,
        ): SslContext = trusting(purpose, Trust.of(Pem(cafile).certificates()))

        private fun trusting(
            purpose: Purpose,
            trust: TrustManager,
        ): SslContext {
            val isForClients = purpose == Purpose.SERVER_AUTH
            val verifyMode = if (isForClients) VerifyMode.CERT_REQUIRED else VerifyMode.CERT_NONE
            return SslContext(Settings(purpose, checkHostname = isForClients, verifyMode, trust = trust))
        }

        /**
         * A context that presents and trusts the same certificates as [context], which has its own key and trust managers. A client's
         * checks host names; a server's asks for no certificates.
         *
         * @throws IllegalStateException if [context] was not initialised.
         */
        @JvmStatic
        @JvmOverloads
        public fun of(
            context: SSLContext,
            purpose: Purpose = Purpose.SERVER_AUTH,
        ): SslContext {
            val isForClients = purpose == Purpose.SERVER_AUTH
            val verifyMode = if (isForClients) VerifyMode.CERT_REQUIRED else VerifyMode.CERT_NONE
            context.createSSLEngine()
            return SslContext(Settings(purpose, checkHostname = isForClients, verifyMode, given = context))
        }
    }
}
