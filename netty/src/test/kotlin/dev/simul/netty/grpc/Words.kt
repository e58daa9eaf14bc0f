// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.grpc

import io.grpc.MethodDescriptor
import io.grpc.MethodDescriptor.MethodType
import io.grpc.ServerCallHandler
import io.grpc.ServerServiceDefinition
import java.io.ByteArrayInputStream
import java.io.InputStream

/** Text as messages, without protocol buffers. */
internal object TextMarshaller : MethodDescriptor.Marshaller<String> {
    override fun stream(value: String): InputStream = ByteArrayInputStream(value.toByteArray())

    override fun parse(stream: InputStream): String = stream.readBytes().decodeToString()
}

/** The methods of a service about words, one of each kind. */
internal object Words {
    val SHOUT = method("Shout", MethodType.UNARY)
    val SPELL = method("Spell", MethodType.SERVER_STREAMING)
    val JOIN = method("Join", MethodType.CLIENT_STREAMING)
    val CHAT = method("Chat", MethodType.BIDI_STREAMING)

    private fun method(
        name: String,
        type: MethodType,
    ): MethodDescriptor<String, String> =
        MethodDescriptor
            .newBuilder(TextMarshaller, TextMarshaller)
            .setType(type)
            .setFullMethodName(MethodDescriptor.generateFullMethodName("test.Words", name))
            .build()

    /** The service with these handlers, and no others. */
    fun service(vararg handlers: Pair<MethodDescriptor<String, String>, ServerCallHandler<String, String>>): ServerServiceDefinition =
        ServerServiceDefinition
            .builder("test.Words")
            .apply { handlers.forEach { (method, handler) -> addMethod(method, handler) } }
            .build()
}
