// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

class EveryMethodTest {
    private static final JavaClasses MAIN = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.simul.facade");
    private static final JavaClasses TESTS = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.ONLY_INCLUDE_TESTS)
            .importPackages("dev.simul.facade");

    @Test
    @DisplayName("every public method of the facade is called by a test")
    void called() {
        var called = calledByTests();
        var uncalled = publicCodeUnits().stream().filter(unit -> !called.contains(unit)).sorted().toList();
        assertEquals(List.of(), uncalled);
    }

    @Test
    @DisplayName("the methods that are looked for are the facade's, and the calls are the tests'")
    void looked() {
        assertTrue(publicCodeUnits().contains("dev.simul.facade.Asyncio.sleep(java.time.Duration)"));
        assertTrue(calledByTests().contains("dev.simul.facade.Asyncio.sleep(java.time.Duration)"));
    }

    private static Set<String> publicCodeUnits() {
        return MAIN.stream()
                .filter(EveryMethodTest::isVisible)
                .flatMap(type -> type.getCodeUnits().stream())
                .filter(unit -> unit.getModifiers().contains(JavaModifier.PUBLIC))
                .filter(unit -> !unit.getModifiers().contains(JavaModifier.SYNTHETIC))
                .filter(unit -> !unit.getModifiers().contains(JavaModifier.ABSTRACT)) // Users write these.
                .filter(unit -> !isWritten(unit))
                .map(JavaCodeUnit::getFullName)
                .collect(Collectors.toSet());
    }

    /** By the compiler, or called by others in the tests' stead, as {@code assertEquals} does. */
    private static boolean isWritten(JavaCodeUnit unit) {
        boolean isOfRecord = unit.getOwner().isRecord() && (unit.isConstructor() || unit.getRawParameterTypes().isEmpty());
        boolean isOfEnum = unit.getOwner().isEnum() && List.of("values", "valueOf").contains(unit.getName());
        return isOfRecord || isOfEnum || List.of("toString", "equals", "hashCode").contains(unit.getName());
    }

    private static boolean isVisible(JavaClass type) {
        return type.getModifiers().contains(JavaModifier.PUBLIC)
                && type.getEnclosingClass().map(EveryMethodTest::isVisible).orElse(true);
    }

    /** A call of an inherited method counts for the class that declares it, and one of an overridden method for those that override. */
    private static Set<String> calledByTests() {
        var called = new HashSet<String>();
        TESTS.stream().flatMap(type -> type.getCodeUnitAccessesFromSelf().stream()).forEach(access -> {
            called.add(access.getTarget().getFullName());
            access.getTarget().resolveMember().ifPresent(unit -> called.add(unit.getFullName()));
        });
        TESTS.stream().flatMap(type -> type.getCodeUnitReferencesFromSelf().stream()).forEach(access -> {
            called.add(access.getTarget().getFullName());
            access.getTarget().resolveMember().ifPresent(unit -> called.add(unit.getFullName()));
        });
        return called;
    }
}
