// SPDX-License-Identifier: Apache-2.0
package dev.simul.tools.inspect

import dev.simul.docs.DiagnosisGuide
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject

class JsonTest :
    FunSpec({
        val task =
            TaskSnapshot(
                7,
                "sa\"ve",
                "waiting",
                "shop.Shop.save(Shop.kt:1)",
                "sleep",
                listOf(8),
                1,
                listOf("asked"),
                5,
                null,
                6,
                listOf("a.B.c(B.kt:1)"),
            )
        val loop = LoopSnapshot(1, "main", "idle", busyNanos = 0, metrics = LoopMetrics(turns = 3), tasks = listOf(task))

        test("ps has these keys, and null for what is not known") {
            Json.parseToJsonElement(tableJsonOf(123, listOf(loop))) shouldBe
                Json.parseToJsonElement(
                    """
                    {
                      "pid": 123,
                      "loops": [
                        {
                          "id": 1, "thread": "main", "state": "idle", "answered": true,
                          "busyNanos": 0, "busyTask": null, "busyStack": [],
                          "metrics": { "turns": 3, "lagNanos": null, "ready": null, "tasks": null, "timers": null, "connections": null },
                          "exactTimes": false,
                          "tasks": [
                            {
                              "id": 7, "name": "sa\"ve", "state": "waiting", "coroutine": "shop.Shop.save(Shop.kt:1)",
                              "waitingFor": "sleep", "awaits": [8], "cancelling": 1, "cancellation": ["asked"],
                              "ageNanos": 5, "timeOnLoopNanos": null, "waitingNanos": 6, "stack": ["a.B.c(B.kt:1)"]
                            }
                          ]
                        }
                      ]
                    }
                    """,
                )
        }

        test("pstree adds the roots and the cycles") {
            val tasks = tasks("a" to listOf("b"), "b" to listOf("c"), "c" to listOf("b"))
            val json = Json.parseToJsonElement(treeJsonOf(123, listOf(loop(tasks)))).jsonObject
            json["roots"] shouldBe Json.parseToJsonElement("[1]")
            json["cycles"] shouldBe Json.parseToJsonElement("[[2, 3]]")
            json.getValue("loops").jsonArray.size shouldBe 1
        }

        test("a task's keys are in the guide, each of them") {
            val keys = Regex("\"(\\w+)\":").findAll(treeJsonOf(1, listOf(loop))).map { it.groupValues[1] }.toSet()
            keys.forEach { DiagnosisGuide.text shouldContain "`$it`" }
        }
    })
