// SPDX-License-Identifier: Apache-2.0
@file:JvmName("MongoOnLoop")

package dev.simul.netty.mongo

import com.mongodb.MongoClientSettings
import com.mongodb.connection.TransportSettings
import dev.simul.netty.eventLoopGroup
import io.netty.channel.socket.nio.NioSocketChannel

/**
 * Lets the connections of MongoDB's reactive driver live on the running loop.
 *
 * ```
 * val settings = MongoClientSettings.builder().applyConnectionString(ConnectionString(uri)).onLoop().build()
 * MongoClients.create(settings).use { client -> … }
 * ```
 *
 * The driver keeps threads of its own, which look up names, watch the servers, and open connections when there are too few: what they do
 * on a connection goes through the loop. Close the client before the loop closes.
 *
 * In Java it is `MongoOnLoop.onLoop(builder)`. Compare Motor, or PyMongo's `AsyncMongoClient`.
 *
 * @throws IllegalStateException outside a running loop.
 */
public fun MongoClientSettings.Builder.onLoop(): MongoClientSettings.Builder =
    transportSettings(
        TransportSettings
            .nettyBuilder()
            .eventLoopGroup(eventLoopGroup())
            .socketChannelClass(NioSocketChannel::class.java)
            .build(),
    )
