// SPDX-License-Identifier: Apache-2.0
package quotes

import io.ktor.client.HttpClient
import io.ktor.client.request.get
import io.ktor.client.statement.bodyAsText
import java.io.IOException

/** A supplier that answers to `GET <address>/<item>` with a number. */
class WebSupplier(
    override val name: String,
    private val address: String,
    private val client: HttpClient,
) : Supplier {
    override suspend fun price(item: String): Int =
        client.get("$address/$item").bodyAsText().trim().toIntOrNull() ?: throw IOException("$name gave no price for $item")
}
