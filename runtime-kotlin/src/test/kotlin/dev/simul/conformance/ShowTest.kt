// SPDX-License-Identifier: Apache-2.0
package dev.simul.conformance

import dev.simul.exceptions.BaseExceptionGroup
import dev.simul.exceptions.CancelledException
import dev.simul.exceptions.ExceptionGroup
import dev.simul.exceptions.GeneratorExit
import dev.simul.exceptions.InvalidStateException
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import java.util.concurrent.TimeoutException

class ShowTest :
    FunSpec({
        context("a number of seconds looks as Python prints it") {
            listOf(
                0.0 to "0",
                8.0 to "8",
                1e22 to "10000000000000000000000",
                0.5 to "0.5",
                0.1 + 0.2 to "0.30000000000000004",
                2.5e-5 to "2.5e-05",
                1e-10 to "1e-10",
                0.0001 to "0.0001",
                -1.25 to "-1.25",
                1234567.125 to "1234567.125",
            ).forEach { (seconds, shown) ->
                test("$seconds seconds are $shown") { number(seconds) shouldBe shown }
            }
        }

        context("a scalar looks as Python prints it") {
            listOf(
                null to "None",
                true to "True",
                false to "False",
                7L to "7",
                1.0 to "1.0",
                1e16 to "1e+16",
                -2.5e-7 to "-2.5e-07",
                "a b" to "a b",
            ).forEach { (value, shown) ->
                test("${value?.javaClass?.simpleName} $value is $shown") { text(value) shouldBe shown }
            }
        }

        context("an exception goes by its Python name") {
            listOf(
                Boom(3L) to "Boom(3)",
                CancelledException() to "CancelledError()",
                CancelledException("m1") to "CancelledError(m1)",
                TimeoutException() to "TimeoutError",
                InvalidStateException("done") to "InvalidStateError",
                IllegalStateException() to "RuntimeError",
                IllegalArgumentException() to "ValueError",
                TypeError(IllegalArgumentException()) to "TypeError",
                ExceptionGroup("", listOf(Boom(1L), Return(2L))) to "ExceptionGroup[Boom(1), Return]",
                BaseExceptionGroup.of("", listOf(CancelledException())) to "BaseExceptionGroup[CancelledError()]",
            ).forEach { (exception, shown) ->
                test("a ${exception.javaClass.simpleName} is $shown") { show(exception) shouldBe shown }
            }
        }

        test("a list shows its exceptions, results and nested lists by the same rules") {
            show(listOf(1L, null, listOf(Boom(2L)), TimeoutException())) shouldBe "[1, None, [Boom(2)], TimeoutError]"
            show(listOf(Result.success(listOf(1L)), Result.failure(Boom(2L)))) shouldBe "[[1], Boom(2)]"
        }

        test("a cancellation is neither misuse nor an ordinary exception, though the JVM makes it an illegal state") {
            isMisuse(CancelledException()) shouldBe false
            isMisuse(InvalidStateException("done")) shouldBe true
            ExceptionKind.Exception.matches(CancelledException()) shouldBe false
            ExceptionKind.Cancelled.matches(CancelledException()) shouldBe true
            ExceptionKind.Exception.matches(GeneratorExit()) shouldBe false
            ExceptionKind.Any.matches(CancelledException()) shouldBe true
        }
    })
