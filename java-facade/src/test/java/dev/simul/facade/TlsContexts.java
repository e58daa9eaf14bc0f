// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.tls.TestCertificatesKt;
import java.io.IOException;
import java.nio.file.Files;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** The JDK's contexts of TLS, with the certificates of the tests. */
public final class TlsContexts {
    private TlsContexts() {}

    private static byte[] pem(String name) throws IOException {
        String text = Files.readString(TestCertificatesKt.certificate(name)).replaceAll("(?s).*?-----BEGIN[^-]*-----(.*?)-----END.*", "$1");
        return Base64.getMimeDecoder().decode(text);
    }

    private static Certificate certificate(String name) throws Exception {
        try (var in = Files.newInputStream(TestCertificatesKt.certificate(name))) {
            return CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
    }

    /** A context that presents the certificate {@code name}, and trusts the authority of the tests. */
    public static SSLContext context(String name) throws Exception {
        var store = trusting();
        var key = KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(pem(name + ".key")));
        store.setKeyEntry("own", key, new char[0], new Certificate[] {certificate(name + ".pem")});
        var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, new char[0]);
        return context(store, keys.getKeyManagers());
    }

    /** A client's context that trusts the authority of the tests. */
    static SSLContext trustingContext() throws Exception {
        return context(trusting(), null);
    }

    private static KeyStore trusting() throws Exception {
        var store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        store.setCertificateEntry("ca", certificate("ca.pem"));
        return store;
    }

    private static SSLContext context(KeyStore trusted, KeyManager @Nullable [] keys) throws Exception {
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        var context = SSLContext.getInstance("TLS");
        context.init(keys, trust.getTrustManagers(), null);
        return context;
    }
}
