// SPDX-License-Identifier: Apache-2.0
package dev.simul.tools.inspect.top

import org.jline.keymap.BindingReader
import org.jline.keymap.KeyMap
import org.jline.terminal.Size
import org.jline.terminal.Terminal
import org.jline.utils.AttributedString
import org.jline.utils.Curses
import org.jline.utils.Display
import org.jline.utils.InfoCmp.Capability
import org.jline.utils.NonBlockingReader
import java.io.FileDescriptor
import java.io.FileOutputStream
import java.util.concurrent.atomic.AtomicBoolean

/** The whole screen of [terminal], in place of what was there, which is there again in the end, also where a signal is the end. */
internal class TopTerminal(
    private val terminal: Terminal,
) : AutoCloseable {
    private val left = AtomicBoolean()
    private val resized = AtomicBoolean(true)
    private val interrupted = AtomicBoolean()
    private val display = Display(terminal, true)
    private val bindings = BindingReader(terminal.reader())
    private val attributes = terminal.enterRawMode()
    private val leaving =
        listOf(Capability.cursor_normal, Capability.keypad_local, Capability.exit_ca_mode)
            .mapNotNull { terminal.getStringCapability(it) }
            .joinToString("") { Curses.tputs(it) }
    private val atExit = Thread(::leave)

    init {
        Runtime.getRuntime().addShutdownHook(atExit)
        terminal.handle(Terminal.Signal.INT) { interrupted.set(true) }
        terminal.handle(Terminal.Signal.WINCH) { resized.set(true) }
        terminal.handle(Terminal.Signal.TSTP, Terminal.SignalHandler.SIG_IGN)
        terminal.puts(Capability.enter_ca_mode)
        terminal.puts(Capability.keypad_xmit)
        terminal.puts(Capability.cursor_invisible)
        terminal.flush()
    }

    /** Whether Ctrl-C was pressed. */
    val isInterrupted: Boolean get() = interrupted.get()

    /** There are terminals that do not know. */
    val size: Size get() = terminal.size.takeIf { it.columns > 0 && it.rows > 0 } ?: Size.of(80, 24)

    /** Whether the size may have changed since the last call. */
    fun takeResized(): Boolean = resized.getAndSet(false)

    fun draw(
        lines: List<String>,
        afresh: Boolean,
    ) {
        if (afresh) {
            display.resize(size)
            display.clear()
        }
        display.update(lines.map { AttributedString.fromAnsi(it) }, 0)
        terminal.flush()
    }

    /** What was pressed; null if it was nothing for so long, or nothing that means anything. */
    fun key(
        millis: Long,
        isTyping: Boolean,
    ): Key? {
        val next = bindings.peekCharacter(millis)
        if (next == NonBlockingReader.READ_EXPIRED) return null
        if (next == NonBlockingReader.EOF) return Key.Quit
        val key = bindings.readBinding(if (isTyping) typing else commands, null, false)
        return if (key is Key.Typed) key.copy(text = bindings.lastBinding).takeIf { it.text.none(Char::isISOControl) } else key
    }

    override fun close() {
        leave()
        runCatching { Runtime.getRuntime().removeShutdownHook(atExit) }
        terminal.close()
    }

    /** Writes past the terminal: where a signal is the end, that may have been closed already. */
    private fun leave() {
        if (!left.compareAndSet(false, true)) return
        FileOutputStream(FileDescriptor.out).write(leaving.toByteArray())
        runCatching { terminal.attributes = attributes }
    }

    private val typing =
        keys {
            bind(Key.Erase, KeyMap.del(), "\b")
            unicode = Key.Typed("")
            nomatch = Key.Typed("")
        }

    private val commands =
        keys {
            bind(Key.Quit, "q", "Q")
            bind(Key.Help, "?", "h")
            bind(Key.Pause, "p")
            bind(Key.Reverse, "r")
            bind(Key.Filter, "/")
            bind(Key.Expand, " ")
            bind(Key.Move(Step.UP), "k")
            bind(Key.Move(Step.DOWN), "j")
            bind(Key.Move(Step.FIRST), "g")
            bind(Key.Move(Step.LAST), "G")
            bind(Key.Sort(Order.SHARE), "l")
            bind(Key.Sort(Order.TIME), "t")
            bind(Key.Sort(Order.AGE), "a")
            bind(Key.Sort(Order.WAITED), "w")
            bind(Key.Sort(Order.NAME), "n")
        }

    private fun keys(more: KeyMap<Key>.() -> Unit): KeyMap<Key> =
        KeyMap<Key>().apply {
            ambiguousTimeout = AMBIGUOUS_MILLIS
            more()
            bind(Key.Quit, KeyMap.ctrl('C'))
            bind(Key.Expand, "\r", "\n")
            bind(Key.Escape, KeyMap.esc())
            bindMove(Step.UP, Capability.key_up, "\u001b[A")
            bindMove(Step.DOWN, Capability.key_down, "\u001b[B")
            bindMove(Step.PAGE_UP, Capability.key_ppage, "\u001b[5~")
            bindMove(Step.PAGE_DOWN, Capability.key_npage, "\u001b[6~")
            bindMove(Step.FIRST, Capability.key_home, "\u001b[H")
            bindMove(Step.LAST, Capability.key_end, "\u001b[F")
        }

    /** By what the terminal says it sends, and by what most send. */
    private fun KeyMap<Key>.bindMove(
        step: Step,
        capability: Capability,
        usual: String,
    ) {
        bind(Key.Move(step), listOfNotNull(KeyMap.key(terminal, capability), usual))
    }

    private companion object {
        private const val AMBIGUOUS_MILLIS = 100L
    }
}
