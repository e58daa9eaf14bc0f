// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.assets

import dev.simul.demo.parseJson
import dev.simul.demo.webAddress
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import kotlinx.serialization.json.long

/** A file that belongs to a release: [size] bytes, to be had from [url]. */
internal class Asset(
    val name: String,
    val size: Long,
    val url: String,
)

/** What is released under a tag. */
internal class Release(
    val tag: String,
    val assets: List<Asset>,
) {
    companion object {
        /**
         * Reads what the API says about a release.
         *
         * @throws IllegalArgumentException if it is not what an API says, or its files have names that none should be given.
         */
        fun of(
            tag: String,
            json: String,
        ): Release {
            val assets = parseJson(json).at("assets").jsonArray.map(::asset)
            val twice = assets.groupBy { it.name.lowercase() }.values.find { it.size > 1 }
            require(twice == null) { "two assets are called '${twice!!.first().name}'" }
            return Release(tag, assets)
        }

        private fun asset(json: JsonElement): Asset {
            val name = json.at("name").jsonPrimitive.content
            val size = json.at("size").jsonPrimitive.long
            val url = json.at("browser_download_url").jsonPrimitive.content
            require(isFileName(name)) { "an asset is called '$name', which is no name for a file here" }
            require(size >= 0) { "the size of '$name' is $size" }
            require(webAddress(url) != null) { "'$name' is at '$url', which is not the web" }
            return Asset(name, size, url)
        }

        private fun JsonElement.at(key: String): JsonElement = requireNotNull(jsonObject[key]) { "it has no '$key'" }

        /** Whether a file of that name lies in the folder where it is put, and is not one of those that downloads need themselves. */
        private fun isFileName(name: String): Boolean {
            val isPlain =
                name.isNotBlank() &&
                    name.none {
                        it in "/\\" || it.isISOControl() || it.category == CharCategory.FORMAT
                    } && name !in setOf(".", "..")
            return isPlain && AssetFile.SUFFIXES.none { name.endsWith(it) }
        }
    }
}
