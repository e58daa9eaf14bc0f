// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldStartWith

class StackRoomTest :
    FunSpec({
        test("an await asks a class for room that is made for it") {
            probe() shouldStartWith "dev.simul.loop.StackProbe"
        }

        test("a native image, which can make no class, goes without") {
            System.setProperty(IN_NATIVE_IMAGE, "runtime")
            try {
                probe() shouldBe "dev.simul.loop.StackRoom\$Unknown"
            } finally {
                System.clearProperty(IN_NATIVE_IMAGE)
            }
        }
    })

private const val IN_NATIVE_IMAGE = "org.graalvm.nativeimage.imagecode"

/** The class that a `StackRoom` asks which is loaded anew. */
private fun probe(): String {
    val room = Class.forName(StackRoom::class.java.name, true, Anew(StackRoom::class.java.classLoader))
    return room.getDeclaredField("ofAnAwait").run {
        isAccessible = true
        get(null).javaClass.name
    }
}

/** Loads classes of the runtime a second time. */
private class Anew(
    private val original: ClassLoader,
) : ClassLoader(original) {
    override fun loadClass(
        name: String,
        resolve: Boolean,
    ): Class<*> {
        if (!name.startsWith("dev.simul.")) return super.loadClass(name, resolve)
        findLoadedClass(name)?.let { return it }
        val bytes = original.getResourceAsStream(name.replace('.', '/') + ".class")!!.use { it.readBytes() }
        return defineClass(name, bytes, 0, bytes.size)
    }
}
