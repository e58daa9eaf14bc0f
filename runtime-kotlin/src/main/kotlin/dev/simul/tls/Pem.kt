// SPDX-License-Identifier: Apache-2.0
package dev.simul.tls

import java.io.ByteArrayInputStream
import java.nio.charset.StandardCharsets
import java.nio.file.Files
import java.nio.file.Path
import java.security.GeneralSecurityException
import java.security.KeyFactory
import java.security.PrivateKey
import java.security.cert.CertificateException
import java.security.cert.CertificateFactory
import java.security.cert.X509Certificate
import java.security.spec.PKCS8EncodedKeySpec
import java.util.Base64
import javax.crypto.Cipher
import javax.crypto.EncryptedPrivateKeyInfo
import javax.crypto.SecretKeyFactory
import javax.crypto.spec.PBEKeySpec

/** Certificates and keys in a text file, between lines that name them. */
internal class Pem(
    private val file: Path,
) {
    private class Block(
        val label: String,
        val bytes: ByteArray,
    )

    private val blocks: List<Block> =
        BLOCK
            .findAll(
                Files.readString(file, StandardCharsets.ISO_8859_1),
            ).map { Block(it.groupValues[1], it.groupValues[2].decode()) }
            .toList()

    private fun String.decode(): ByteArray =
        try {
            Base64.getMimeDecoder().decode(this)
        } catch (e: IllegalArgumentException) {
            throw IllegalArgumentException("$file is damaged: ${e.message}", e)
        }

    /** All certificates, in the file's order; at least one. */
    fun certificates(): List<X509Certificate> {
        val factory = CertificateFactory.getInstance("X.509")
        val certificates = blocks.filter { it.label in CERTIFICATES }.map { factory.generate(it.bytes) }
        require(certificates.isNotEmpty()) { "$file has no certificates: it needs a block that begins with -----BEGIN CERTIFICATE-----" }
        return certificates
    }

    private fun CertificateFactory.generate(bytes: ByteArray): X509Certificate =
        try {
            generateCertificate(ByteArrayInputStream(bytes)) as X509Certificate
        } catch (e: CertificateException) {
            throw IllegalArgumentException("$file has a damaged certificate: ${e.message}", e)
        }

    /** The first private key, for [algorithm]. */
    fun privateKey(
        algorithm: String,
        password: CharArray?,
    ): PrivateKey {
        val block = blocks.firstOrNull { it.label.endsWith("PRIVATE KEY") }
        requireNotNull(block) { "$file has no private key: it needs a block that begins with -----BEGIN PRIVATE KEY-----" }
        val spec =
            when (block.label) {
                "PRIVATE KEY" -> PKCS8EncodedKeySpec(block.bytes)
                "ENCRYPTED PRIVATE KEY" -> decrypt(block.bytes, password)
                else -> throw IllegalArgumentException(
                    "$file has a key of the kind ${block.label}, and only PKCS#8 is understood: " +
                        "convert it with `openssl pkcs8 -topk8 -nodes -in $file -out key.pem`",
                )
            }
        try {
            return KeyFactory.getInstance(algorithm).generatePrivate(spec)
        } catch (e: GeneralSecurityException) {
            throw IllegalArgumentException("$file has no private key for the certificate's $algorithm key: ${e.message}", e)
        }
    }

    private fun decrypt(
        bytes: ByteArray,
        password: CharArray?,
    ): PKCS8EncodedKeySpec {
        requireNotNull(password) { "the private key in $file is encrypted: give its password" }
        try {
            val encrypted = EncryptedPrivateKeyInfo(bytes)
            val parameters = encrypted.algParameters
            // For a PKCS #5 version 2 scheme, only the parameters know the full name.
            val algorithm = if (encrypted.algName == "PBES2") parameters.toString() else encrypted.algName
            val key = SecretKeyFactory.getInstance(algorithm).generateSecret(PBEKeySpec(password))
            val cipher = Cipher.getInstance(algorithm)
            cipher.init(Cipher.DECRYPT_MODE, key, parameters)
            return encrypted.getKeySpec(cipher)
        } catch (e: GeneralSecurityException) {
            throw IllegalArgumentException("the private key in $file cannot be decrypted: is the password right? (${e.message})", e)
        }
    }

    private companion object {
        val BLOCK = Regex("-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \\1-----", RegexOption.DOT_MATCHES_ALL)
        val CERTIFICATES = setOf("CERTIFICATE", "X509 CERTIFICATE")
    }
}
