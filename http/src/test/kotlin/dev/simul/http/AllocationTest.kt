// SPDX-License-Identifier: Apache-2.0
package dev.simul.http

import dev.simul.house.Allocation
import io.kotest.core.spec.style.FunSpec
import java.nio.ByteBuffer

class AllocationTest :
    FunSpec({
        test("a request and its answer allocate no more than they did, and a tenth") {
            val allocation =
                Allocation(2_592, "a request and its answer", 1_000) { operations, each ->
                    val head = RequestHead("GET", "/", Headers.of("Host" to "x"))
                    val answer = ResponseHead(200)
                    val hello = "hello".toByteArray()
                    withServer({ it.respond(answer, ByteBuffer.wrap(hello)) }) { port ->
                        val route = HttpRoute("127.0.0.1", port)
                        HttpConnector(this).use { connector ->
                            repeat(operations) {
                                each()
                                connector.request(route, head, RequestBody.EMPTY).body.read()
                            }
                        }
                    }
                }
            allocation.check(allocation::measure)
        }
    })
