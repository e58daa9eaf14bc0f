// SPDX-License-Identifier: Apache-2.0
package dev.simul.house

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.string.shouldContain
import java.nio.file.Path
import kotlin.io.path.Path
import kotlin.io.path.copyTo
import kotlin.io.path.createDirectories
import kotlin.io.path.createTempDirectory
import kotlin.io.path.deleteExisting
import kotlin.io.path.readText
import kotlin.io.path.writeText

class PublicApiTest :
    FunSpec({
        test("the runtime offers exactly what its committed dump says") {
            PublicApi(Path(System.getProperty("basedir") ?: ""), "simul-runtime").check()
        }

        test("a change of the API fails with a diff and the way to accept it") {
            val module = moduleOffering<Offered>()
            val api = PublicApi(module, "sample")
            api.check(update = true)
            api.check(update = false)

            val committed = module.resolve("api/sample.api")
            committed.writeText(committed.readText().replace("answer", "question"))
            val failure = shouldThrow<AssertionError> { api.check(update = false) }
            failure.message shouldContain "-\tpublic final fun question ()I"
            failure.message shouldContain "+\tpublic final fun answer ()I"
            failure.message shouldContain "mvn clean test -Dapi.update"
        }

        test("a module without a dump fails") {
            val module = moduleOffering<Offered>()
            module.resolve("api/sample.api").let {
                PublicApi(module, "sample").check(update = true)
                it.deleteExisting()
            }
            val failure = shouldThrow<AssertionError> { PublicApi(module, "sample").check(update = false) }
            failure.message shouldContain "sample has no dump of its public API"
        }
    })

class Offered {
    fun answer(): Int = 42
}

private inline fun <reified T> moduleOffering(): Path {
    val module = createTempDirectory("module")
    val classes = module.resolve("target/classes").createDirectories()
    val source = Path(checkNotNull(T::class.java.getResource("${T::class.simpleName}.class")).toURI().path)
    source.copyTo(classes.resolve(source.fileName))
    return module
}
