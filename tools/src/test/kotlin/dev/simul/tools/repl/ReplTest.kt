// SPDX-License-Identifier: Apache-2.0
package dev.simul.tools.repl

import dev.simul.tools.Ended
import dev.simul.tools.runTool
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldBeEmpty
import io.kotest.matchers.string.shouldContain
import java.nio.file.Path
import kotlin.io.path.readText

class ReplTest :
    FunSpec({
        test("a snippet that overflows its stack fails alone, and the next ones are answered") {
            val session =
                pipe(
                    """
                    var other = createTask("other", () -> { for (int i = 0; i < 100; i++) await(sleep(Duration.ZERO)); return "went on"; })
                    int endless(int n) { await(sleep(Duration.ZERO)); return endless(n + 1) + 1; }
                    endless(0)
                    await(other)
                    40 + 2
                    """.trimIndent(),
                )
            session.err shouldContain "StackOverflowError"
            session.out shouldContain "\"went on\""
            session.out shouldContain "==> 42"
        }

        context("piped in") {
            val session by lazy {
                pipe(
                    """
                    40 + 2
                    var later = createTask("later", () -> { await(sleep(Duration.ofMillis(20))); return "from afar"; })
                    await(later)
                    await(sleep(Duration.ZERO))
                    int half(int x) {
                        if (x % 2 != 0) throw new IllegalArgumentException("odd: " + x);
                        return x / 2;
                    }
                    half(84); half(22)
                    half(7); System.out.println("never")
                    await(createTask(() -> half(9)))
                    int y = nowhere + 1
                    1 +* 2
                    Future<Integer> call = timeout(null, () -> 5)
                    class Mine { }
                    await(createTask(() -> Class.forName(Mine.class.getName(), true, Thread.currentThread().getContextClassLoader()))) == Mine.class
                    var name = new ContextVar<String>("name"); if (true) name.set("kept");
                    name.get()
                    var last = createTask(() -> { try { await(sleep(Duration.ofHours(1))); } finally { System.out.println("finally"); } return null; })
                    class Unfinished {
                    """.trimIndent(),
                )
            }

            test("values are printed as JShell does, and nothing else") {
                session.out.lines().filterNot { it.startsWith("last") || it.startsWith("call") } shouldBe
                    listOf(
                        "\$1 ==> 42",
                        "later ==> <Task later pending>",
                        "\$2 ==> \"from afar\"",
                        "\$4 ==> 42",
                        "\$5 ==> 11",
                        "\$8 ==> true",
                        "name ==> <ContextVar name='name'>",
                        "\$9 ==> \"kept\"",
                        "finally",
                        "",
                    )
            }

            test("a call that nobody awaits has begun when it is printed") {
                session.out shouldContain Regex("\ncall ==> <Call <Task Task-\\d+ pending>>\n")
            }

            test("errors name the place, go to stderr, and do not end it") {
                session.err shouldBe
                    """
                    ||  Exception java.lang.IllegalArgumentException: odd: 7
                    ||        at half (#5:2)
                    ||        at (#8:1)
                    ||  Exception java.lang.IllegalArgumentException: odd: 9
                    ||        at half (#5:2)
                    ||        at lambda (#9:1)
                    ||        at (#9:1)
                    ||  Error:
                    ||  cannot find symbol
                    ||    symbol:   variable nowhere
                    ||  int y = nowhere + 1;
                    ||          ^-----^
                    ||  Error:
                    ||  illegal start of expression
                    ||  1 +* 2
                    ||     ^
                    ||  Error:
                    ||  reached end of file while parsing
                    ||  class Unfinished {
                    ||                    ^
                    |
                    """.trimMargin()
            }

            test("at its end tasks are cancelled in order, and the status is 0") {
                session.out.trim().lines().last() shouldBe "finally"
                session.status shouldBe 0
            }
        }

        test("the commands of jshell that make sense are there, and of others one line says so") {
            pipe(
                """
                int x = 42
                var later = "soon"
                int half(int x) { return x / 2; }
                record Point(int x, int y) { }
                /vars
                /methods
                  /types
                /list
                /imports
                /help
                /?
                /save session.jsh
                /!
                /* a comment */ x + 1
                // another one
                /exit
                never()
                """.trimIndent(),
            ).let {
                val lines = it.out.lines()
                lines.take(10) shouldBe
                    listOf(
                        "x ==> 42",
                        "later ==> \"soon\"",
                        "|    int x = 42",
                        "|    String later = \"soon\"",
                        "|    int half(int)",
                        "|    Point",
                        "|    1 : int x = 42;",
                        "|    2 : var later = \"soon\";",
                        "|    3 : int half(int x) { return x / 2; }",
                        "|    4 : record Point(int x, int y) { }",
                    )
                lines shouldContain "|    import static dev.simul.facade.Asyncio.*"
                lines.count { line -> line.startsWith("|  /vars ") } shouldBe 2
                lines.takeLast(2) shouldBe listOf("\$1 ==> 43", "")
                it.err.lines() shouldBe
                    listOf("|  '/save' is no command here; /help lists them", "|  '/!' is no command here; /help lists them", "")
                it.status shouldBe 0
            }
        }

        test("the guide's session prints what it says") {
            val block =
                Regex(
                    "```console\n([$] ./simul repl\n.*?)```",
                    RegexOption.DOT_MATCHES_ALL,
                ).find(Path.of("../docs/guide/java.md").readText())!!
            val lines = block.groupValues[1].trim().lines().drop(2)
            val (typed, answers) = lines.partition { it.startsWith(PROMPT) }
            pipe(typed.joinToString("\n") { it.removePrefix(PROMPT) }).let {
                it.out.trim().lines() + it.err.trim().lines() shouldBe answers
            }
        }

        test("without a whole JDK, one line says so") {
            runTool("repl", jvmArguments = listOf("--limit-modules=java.se")).let {
                it.status shouldBe 1
                it.out.shouldBeEmpty()
                it.err.trim() shouldContain Regex("^simul repl: .* is no whole JDK, it lacks jdk.jshell: set JAVA_HOME to one\\.$")
            }
        }

        test("a mistake in the arguments is told in one line") {
            runTool("repl", "--quick") shouldBe
                Ended(2, "", "simul repl: unknown argument '--quick'; 'simul repl --help' lists what there is.\n")
        }

        test("somebody at a terminal interrupts, completes, repeats and leaves").config(enabled = Terminal.isThere) {
            val home = tempdir().toPath()
            Terminal(home).use { terminal ->
                with(terminal) {
                    await("await(...) works at top level; exit leaves")
                    await(PROMPT)

                    type("int twice(int x) {\r")
                    await("...> ")
                    type("return 2 * x; }\r")
                    await("|  created method twice(int)\n")
                    await(PROMPT)

                    type("/methods\r")
                    await("|    int twice(int)\n")
                    await(PROMPT)

                    type("var first = createTask(() -> { System.out.println(\"begun\"); return 1; })\r")
                    await("begun\n")
                    await(PROMPT)

                    type("System.out.println(\"a\" + 1); await(sleep(Duration.ofHours(1)))\r")
                    await("a1\n")
                    type(Terminal.CTRL_C)
                    await("\nKeyboardInterrupt\n")
                    await(PROMPT)

                    type("dropped" + Terminal.CTRL_C)
                    await(PROMPT)
                    type("twi" + Terminal.TAB)
                    await("twice(")
                    type("21)\r")
                    await(" ==> 42\n")
                    await(PROMPT)
                    type(Terminal.UP)
                    await("twice(21)")
                    type("\r")
                    await(" ==> 42\n")
                    await(PROMPT)

                    type("exit\r")
                    end() shouldBe 0
                }
            }
            home.resolve(".simul_history").readText() shouldContain "twice(21)"
        }
    })

private fun pipe(input: String) = runTool("repl", input = input)

private const val PROMPT = "simul> "
