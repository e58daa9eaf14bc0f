// SPDX-License-Identifier: Apache-2.0
package dev.simul.http.jdk

import com.sun.net.httpserver.Headers
import java.util.Collections
import java.util.function.BiFunction

/** The fields of a request as the JDK's class, which nobody can change. */
internal class ReceivedFields(
    fields: dev.simul.http.Headers,
) : Headers() {
    init {
        for ((name, value) in fields) super.add(name, value)
        for (name in super.keys.toList()) super.put(name, Collections.unmodifiableList(super.get(name)!!))
    }

    override fun put(
        key: String,
        value: List<String>,
    ): Nothing = refuse()

    override fun add(
        key: String,
        value: String,
    ): Nothing = refuse()

    override fun set(
        key: String,
        value: String,
    ): Nothing = refuse()

    override fun remove(key: String): Nothing = refuse()

    override fun putAll(from: Map<out String, List<String>>): Nothing = refuse()

    override fun clear(): Nothing = refuse()

    override fun replaceAll(function: BiFunction<in String, in List<String>, out List<String>>): Nothing = refuse()

    override val keys: MutableSet<String> get() = Collections.unmodifiableSet(super.keys)

    override val values: MutableCollection<List<String>> get() = Collections.unmodifiableCollection(super.values)

    override val entries: MutableSet<MutableMap.MutableEntry<String, List<String>>>
        get() = Collections.unmodifiableMap(LinkedHashMap(this.toMapOfSuper())).entries

    private fun toMapOfSuper(): Map<String, List<String>> = super.keys.associateWith { super.get(it)!! }

    private fun refuse(): Nothing = throw UnsupportedOperationException("the fields of a request cannot be changed")
}
