// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo

import kotlinx.serialization.SerializationException
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonElement

/** What [text], which strangers have written, says in JSON. @throws SerializationException if it is none, or nested too deeply. */
internal fun parseJson(text: String): JsonElement =
    try {
        Json.parseToJsonElement(text)
    } catch (e: StackOverflowError) {
        throw SerializationException("its JSON is nested too deeply", e)
    }
