// SPDX-License-Identifier: Apache-2.0
package dev.simul.tls

/**
 * The purpose of a context: which peers it authenticates.
 *
 * Source: `ssl.Purpose`.
 */
public enum class Purpose {
    /** For clients, which authenticate their servers. */
    SERVER_AUTH,

    /** For servers, which may authenticate their clients. */
    CLIENT_AUTH,
}
