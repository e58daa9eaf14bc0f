// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks.report

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import org.w3c.dom.Element
import org.w3c.dom.NodeList
import javax.xml.parsers.DocumentBuilderFactory

class LogPlotTest :
    FunSpec({
        val lines =
            listOf(
                LogPlot.Line("Simul", listOf(100.0 to 90.0, 1_000.0 to 80.0, 1_000_000.0 to 100.0)),
                LogPlot.Line("a & <b>", listOf(100.0 to 9_000.0, 1_000.0 to 85.0)),
            )
        val svg = LogPlot("tasks", "ns a task", lines).render()

        fun elements(name: String) = parse(svg).getElementsByTagName(name).elements()

        test("it is well-formed, with a line for each program and a point for each value") {
            elements("polyline").map { it.getAttribute("points").split(' ').size } shouldBe listOf(3, 2)
            elements("circle").size shouldBe 5
            elements("text").map { it.textContent }.filter { it == "Simul" || it == "a & <b>" } shouldBe listOf("Simul", "a & <b>")
        }

        test("the scales are logarithmic: a decade is as wide as the next one") {
            val xs = elements("circle").take(3).map { it.getAttribute("cx").toDouble() }
            ((xs[2] - xs[1]) / (xs[1] - xs[0])) shouldBe 3.0
        }

        test("higher values are higher up, and all points are on the picture") {
            val ys = elements("circle").map { it.getAttribute("cy").toDouble() }
            (ys[3] < ys[0]) shouldBe true
            for (y in ys) (y in 40.0..400.0) shouldBe true
        }

        test("names at the end of lines that meet do not cover one another") {
            val near = (0 until 8).map { LogPlot.Line("program $it", listOf(100.0 to 10.0 + it, 1_000.0 to 10.0 + it)) }
            val labels = parse(LogPlot("tasks", "ns", near).render()).getElementsByTagName("text").elements()
            val heights = labels.filter { it.getAttribute("class") == "label" }.map { it.getAttribute("y").toDouble() }.sorted()
            heights.zipWithNext { upper, lower -> lower - upper }.all { it > 13.0 } shouldBe true
        }

        test("it has colours for dark pages") {
            svg shouldContain "@media (prefers-color-scheme: dark)"
        }
    })

private fun parse(svg: String) = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(svg.byteInputStream())

private fun NodeList.elements() = List(length) { item(it) as Element }
