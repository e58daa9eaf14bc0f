// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo

import java.net.URI
import java.net.URISyntaxException

/** The URL of something on the web that [text] is; null if it is none. */
internal fun webAddress(text: String): URI? =
    try {
        URI(text).takeIf { it.scheme?.lowercase() in WEB && !it.host.isNullOrEmpty() && it.port in ANY_PORT }
    } catch (_: URISyntaxException) {
        null
    }

private val WEB = setOf("http", "https")

/** -1 is the scheme's own. */
private val ANY_PORT = -1..65_535
