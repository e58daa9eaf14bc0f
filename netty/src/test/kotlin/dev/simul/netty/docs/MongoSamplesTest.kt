// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.docs

import dev.simul.FacadeApi
import dev.simul.interop.bodyOf
import dev.simul.netty.grpc.onCleanLoop
import dev.simul.netty.mongo.FakeMongo
import dev.simul.netty.mongo.MongoServer
import dev.simul.netty.mongo.NeedingMongo
import dev.simul.netty.until
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import java.util.Optional
import java.util.function.Function

class MongoSamplesTest :
    FunSpec({
        test("against a server of the tests' own") {
            onCleanLoop {
                val mongo = FakeMongo().start()
                checkSamples(mongo.uri)
                until { mongo.connections == 0 && mongo.openCursors == 0 }
                mongo.close()
            }
        }
    })

class MongoServerSamplesTest :
    FunSpec({
        extension(NeedingMongo)

        test("against MongoDB") { onCleanLoop { MongoServer.start().use { checkSamples(it.uri) } } }
    })

@OptIn(FacadeApi::class)
private suspend fun checkSamples(uri: String) {
    withPets(uri) { pets ->
        adopt(pets, listOf("Rex", "Tom", "Felix")) shouldBe 3
        ageOf(pets, "Felix") shouldBe 5
        ageOf(pets, "nobody") shouldBe null
        agesOf(pets, listOf("Rex", "nobody", "Felix")) shouldContainExactly listOf(3, null, 5)
        allNames(pets) shouldContainExactly listOf("Felix", "Rex", "Tom")
        firstOlderThan(pets, 4) shouldBe "Felix"
        firstOlderThan(pets, 5) shouldBe null
    }
    bodyOf {
        MongoSamplesInJava.withPets(
            uri,
            Function { pets ->
                MongoSamplesInJava.adopt(pets, listOf("Bo")) shouldBe 1
                MongoSamplesInJava.ageOf(pets, "Felix") shouldBe Optional.of(5)
                MongoSamplesInJava.agesOf(pets, listOf("Rex", "nobody")) shouldContainExactly listOf(Optional.of(3), Optional.empty())
                MongoSamplesInJava.allNames(pets) shouldContainExactly listOf("Bo", "Felix", "Rex", "Tom")
                MongoSamplesInJava.firstOlderThan(pets, 4) shouldBe Optional.of("Felix")
                MongoSamplesInJava.firstOlderThan(pets, 5) shouldBe Optional.empty()
            },
        )
    }.await()
}
