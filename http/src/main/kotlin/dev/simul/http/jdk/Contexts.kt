// SPDX-License-Identifier: Apache-2.0
package dev.simul.http.jdk

import com.sun.net.httpserver.HttpContext
import com.sun.net.httpserver.HttpHandler
import com.sun.net.httpserver.HttpServer

/** The contexts of [server]. Any thread may change them, also while requests are served. */
internal class Contexts(
    private val server: HttpServer,
) {
    @Volatile
    private var all: List<LoopHttpContext> = emptyList()

    /** The context of the longest path that [path] begins with, letter by letter; null if there is none. */
    fun find(path: String): LoopHttpContext? {
        var longest: LoopHttpContext? = null
        for (context in all) {
            if (context.path.length > (longest?.path?.length ?: 0) && path.startsWith(context.path)) longest = context
        }
        return longest
    }

    @Synchronized
    fun add(
        path: String,
        handler: HttpHandler?,
    ): LoopHttpContext {
        require(path.startsWith('/')) { "the path '$path' must begin with '/'" }
        require(all.none { it.path == path }) { "there is a context for '$path' already: remove that one before" }
        return LoopHttpContext(server, path, handler).also { all = all + it }
    }

    @Synchronized
    fun remove(path: String) {
        remove(requireNotNull(all.find { it.path == path }) { "there is no context for '$path'" })
    }

    @Synchronized
    fun remove(context: HttpContext) {
        require(context in all) { "there is no $context in this server" }
        all = all - (context as LoopHttpContext)
    }
}
