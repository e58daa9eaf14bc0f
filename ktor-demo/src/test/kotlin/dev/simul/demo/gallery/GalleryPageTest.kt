// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery

import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import java.nio.file.Path
import kotlin.io.path.readText
import kotlin.io.path.writeText

class GalleryPageTest :
    FunSpec({
        test("docs/gallery.md shows each program as it is; -Dgallery.update writes it anew") {
            val page = Path.of("../docs/gallery.md")
            if (System.getProperty("gallery.update") != null) page.writeText(galleryPage())
            withClue("docs/gallery.md is out of date") { (page.readText() == galleryPage()) shouldBe true }
        }
    })
