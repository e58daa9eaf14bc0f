// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fluent

import dev.simul.coroutine
import dev.simul.demo.gallery.run
import dev.simul.gather
import dev.simul.ktor.client.Simul
import io.ktor.client.HttpClient
import io.ktor.client.request.get
import io.ktor.client.statement.bodyAsBytes

private suspend fun downloadOne(
    client: HttpClient,
    flags: Flags,
    cc: String,
): String {
    val image = getFlag(client, flags, cc)
    flags.saveFlag(image, "$cc.png")
    print("$cc ")
    return cc
}

private suspend fun getFlag(
    client: HttpClient,
    flags: Flags,
    cc: String,
): ByteArray {
    val url = "${flags.baseUrl}/$cc/$cc.png".lowercase()
    val resp = client.get(url)
    return resp.bodyAsBytes()
}

private fun downloadMany(
    flags: Flags,
    ccList: List<String>,
): Int = run { supervisor(flags, ccList) }

private suspend fun supervisor(
    flags: Flags,
    ccList: List<String>,
): Int =
    HttpClient(Simul).use { client ->
        val toDo = ccList.sorted().map { cc -> coroutine { downloadOne(client, flags, cc) } }
        val res = gather(toDo).await()
        res.size
    }

internal fun download() = Flags.main(::downloadMany)
