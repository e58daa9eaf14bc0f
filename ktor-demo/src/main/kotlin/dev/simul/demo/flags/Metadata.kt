// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.flags

import dev.simul.demo.parseJson
import kotlinx.serialization.SerializationException
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.contentOrNull
import kotlinx.serialization.json.put
import java.util.Locale

/** What is known of the country of that [code], in JSON: its name in English. */
internal fun metadataOf(code: String): String {
    val country = Locale.Builder().setRegion(code).build().getDisplayCountry(Locale.ENGLISH)
    return buildJsonObject {
        put("iso_cc", code)
        put("country", country)
    }.toString()
}

/** The name of the country in its [metadata]. @throws NoFlag if there is none. */
internal fun countryIn(metadata: String): String {
    val known =
        try {
            parseJson(metadata) as? JsonObject
        } catch (_: SerializationException) {
            null
        }
    val country = (known?.get("country") as? JsonPrimitive)?.contentOrNull
    return country?.takeIf { fileNameOf(it) != null } ?: throw NoFlag(Outcome.Failed("its metadata names no country"))
}
