// SPDX-License-Identifier: Apache-2.0
package dev.simul.streams

/** The two sides of a connection. Source: the pair that `asyncio.open_connection` returns. */
public data class Streams(
    val reader: StreamReader,
    val writer: StreamWriter,
)
