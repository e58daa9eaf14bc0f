// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fluent

import dev.simul.demo.gallery.run
import kotlinx.coroutines.flow.filter
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.flow.toList

internal fun comprehensions() =
    run {
        val names = "python.org rust-lang.org golang.org no-lang.invalid".split(" ")

        val genFound = multiProbe(names).filter { it.found }.map { it.domain }
        genFound.collect { name -> println(name) }

        println(multiProbe(names).toList().associate { (name, found) -> name to found })

        println(names.filter { name -> probe(name).found }.toSet())
    }
