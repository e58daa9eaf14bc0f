// SPDX-License-Identifier: Apache-2.0
package dev.simul.cluster

import dev.simul.house.PublicApi
import io.kotest.core.spec.style.FunSpec
import kotlin.io.path.Path

class PublicApiTest :
    FunSpec({
        test("the module offers exactly what its committed dump says") {
            PublicApi(Path(System.getProperty("basedir") ?: ""), "simul-cluster-hazelcast").check()
        }
    })
