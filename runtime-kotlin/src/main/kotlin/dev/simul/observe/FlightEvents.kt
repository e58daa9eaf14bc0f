// SPDX-License-Identifier: Apache-2.0
package dev.simul.observe

import dev.simul.loop.Callback
import jdk.jfr.Category
import jdk.jfr.Description
import jdk.jfr.Enabled
import jdk.jfr.Event
import jdk.jfr.Label
import jdk.jfr.Name
import jdk.jfr.StackTrace
import jdk.jfr.Threshold

// The events of loops, for the JDK's Flight Recorder. Recordings must ask for them: `simul.Task#enabled=true`.

@Name("simul.Task")
@Label("Task")
@Category("Simul")
@Description("The life of a task, from its creation to its end")
@Enabled(false)
@StackTrace(false)
internal class TaskEvent : Event() {
    @JvmField
    @field:Label("Task")
    var task: String? = null

    @JvmField
    @field:Label("Outcome")
    @field:Description("result, exception or cancelled")
    var outcome: String? = null

    @JvmField
    @field:Label("Exception")
    var exception: String? = null
}

@Name("simul.TaskCreated")
@Label("Task Created")
@Category("Simul")
@Description("A task was created")
@Enabled(false)
internal class TaskCreatedEvent : Event() {
    @JvmField
    @field:Label("Task")
    var task: String? = null

    @JvmField
    @field:Label("Created By")
    @field:Description("The task that has created it, if one did")
    var by: String? = null
}

@Name("simul.Cancel")
@Label("Cancel")
@Category("Simul")
@Description("A task was asked to stop")
@Enabled(false)
internal class CancelEvent : Event() {
    @JvmField
    @field:Label("Task")
    var task: String? = null

    @JvmField
    @field:Label("Message")
    var message: String? = null

    @JvmField
    @field:Label("Asked By")
    @field:Description("The task that has asked, if one did")
    var by: String? = null
}

/** What a loop ran in one piece: a task from one await to the next, or another callback. */
internal abstract class TimedStepEvent : Event() {
    @JvmField
    @field:Label("Task")
    var task: String? = null

    @JvmField
    @field:Label("Callback")
    @field:Description("What was run, if it was no task")
    var callback: String? = null

    /** Ends it with [callback], which is that of [task] unless this is null. */
    fun commit(
        task: String?,
        callback: Callback,
    ) {
        if (!shouldCommit()) return
        this.task = task
        if (task == null) this.callback = callback.toString()
        commit()
    }
}

@Name("simul.Step")
@Label("Step")
@Category("Simul")
@Description("What a loop ran in one piece: a task from one await to the next, or another callback")
@Enabled(false)
@StackTrace(false)
internal class StepEvent : TimedStepEvent()

@Name("simul.SlowStep")
@Label("Slow Step")
@Category("Simul")
@Description("A step that kept its loop from everything else for long")
@Enabled(false)
@Threshold("100 ms")
@StackTrace(false)
internal class SlowStepEvent : TimedStepEvent()

@Name("simul.Turn")
@Label("Turn")
@Category("Simul")
@Description("A turn of a loop, from the first of its callbacks to the end of the last")
@Enabled(false)
@StackTrace(false)
internal class TurnEvent : Event() {
    @JvmField
    @field:Label("Ready")
    @field:Description("How many callbacks were ready when the turn began")
    var ready: Int = 0
}
