// SPDX-License-Identifier: Apache-2.0
package dev.simul.conformance

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith

private class Outcome(
    val status: Int,
    val output: String,
    val errors: String,
)

private fun traced(input: String): Outcome {
    val output = StringBuilder()
    val errors = StringBuilder()
    val status = trace(input.reader().buffered(), output, errors)
    return Outcome(status, output.toString(), errors.toString())
}

private fun program(
    body: String,
    objects: String = "",
): String = """{"id":"x","strict":false,"objs":[$objects],"funcs":[[$body]],"gens":[]}"""

class MainTest :
    FunSpec({
        test("a program comes back with its trace, its other fields as they were") {
            val functions = """"funcs":[[["log","a"],["sleep",0.1],["sleep",0.2]]]"""
            val line = """{"strict":false,"note":"é","objs":[],$functions,"gens":[],"id":7}"""
            val trace =
                """"0 Task-1 a","0.1 Task-1 slept","0.30000000000000004 Task-1 slept","main returned None",""" +
                    """"end Task-1 returned None""""
            val outcome = traced("\n$line\n\n")
            outcome.errors shouldBe ""
            outcome.status shouldBe 0
            outcome.output shouldBe line.dropLast(1).replace("é", "\\u00e9") + ""","trace":[$trace]}""" + "\n"
        }

        test("an old trace is replaced") {
            val line = program("""["log","a"]""").dropLast(1)
            traced("$line,\"trace\":[\"old\"]}").output shouldBe traced("$line}").output
        }

        test("the lines before a malformed one are still written") {
            val outcome = traced(program("""["log","a"]""") + "\n\n{\n")
            outcome.status shouldBe 2
            outcome.output.lines().size shouldBe 2
            outcome.errors shouldStartWith "line 3 is no conformance program: it is not JSON"
            outcome.errors.lines().size shouldBe 2
        }

        context("what is wrong with a line is said, and what to do about it") {
            listOf(
                "[]" to "it is not a JSON object",
                "{}" to "there is no \"funcs\"",
                """{"strict":1,"objs":[],"funcs":[[]],"gens":[]}""" to "\"strict\" is not true or false",
                """{"strict":true,"objs":[],"funcs":[],"gens":[]}""" to "\"funcs\" is empty",
                """{"strict":true,"objs":[],"funcs":[[]],"gens":[{"finally":[]}]}""" to "a generator has no \"body\"",
                """{"strict":true,"objs":[],"funcs":[[]],"gens":[],"eager":1}""" to "\"eager\" is not true or false",
                """{"strict":true,"objs":[],"funcs":[[]],"gens":[],"managers":1}""" to "\"managers\" is not a list",
                """{"strict":true,"objs":[],"funcs":[[]],"gens":[],"managers":[{"exit":[]}]}""" to "a manager has no \"enter\"",
                """{"strict":true,"objs":[],"funcs":[[]],"gens":[],"managers":[{"enter":[]}]}""" to "a manager has no \"exit\"",
                """{"strict":true,"objs":[],"funcs":[[]],"gens":[],"managers":[{"enter":[],"exit":[],"suppress":"x"}]}""" to
                    "a manager cannot suppress \"x\"",
                program("""["jump",1]""") to "there is no operation \"jump\": [\"jump\",1]",
                program("""["sleep"]""") to "sleep has 0 arguments but takes 1: [\"sleep\"]",
                program("""["sleep","long"]""") to "sleep takes a number of seconds, which \"long\" is not",
                program("""["call",1]""") to "call takes the index of a function, which 1 is not",
                program("""["awith",0,[]]""") to "awith takes the index of a manager, which 0 is not",
                program("""["variable_get",3]""") to "variable_get takes the index of a context variable, which 3 is not",
                program("""["spawn_in",0,0,1,null]""") to "spawn_in takes true, false or null, which 1 is not",
                program("""["yield",1]""") to "a yield stands where no generator can yield",
                program("""["eset",0]""", """["Lock"]""") to "eset takes the index of an Event, which 0 is not",
                program("", """["Semaphore",-1]""") to "no object is made by [\"Semaphore\",-1]",
                program("", """["Mutex"]""") to "no object is made by [\"Mutex\"]",
            ).forEach { (line, problem) ->
                test("$problem (in $line)") {
                    val outcome = traced(line + "\n")
                    outcome.status shouldBe 2
                    outcome.output shouldBe ""
                    outcome.errors shouldContain "line 1 is no conformance program: "
                    outcome.errors shouldContain problem
                    outcome.errors shouldContain "; give one program a line, as generate.py writes them"
                }
            }
        }
    })
