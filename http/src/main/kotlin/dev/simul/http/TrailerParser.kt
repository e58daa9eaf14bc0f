// SPDX-License-Identifier: Apache-2.0
package dev.simul.http

/** Parses the fields after the last chunk of a body, up to the empty line. */
internal class TrailerParser(
    limits: HttpLimits,
) : HeadParser<Headers>(limits, hasStartLine = false) {
    override fun checkFirst(octet: Byte): Unit = noStartLine()

    override fun startLineTooLong(): Nothing = noStartLine()

    override fun takeStartLine(
        start: Int,
        end: Int,
    ): Boolean = noStartLine()

    override fun head(headers: Headers): Headers = headers

    private fun noStartLine(): Nothing = error("trailers have no start line")
}
