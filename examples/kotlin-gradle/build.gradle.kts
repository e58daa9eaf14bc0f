plugins {
    kotlin("jvm") version "2.4.21"
    application
}

dependencies {
    implementation(platform("dev.simul:simul-bom:0.1.0-SNAPSHOT"))
    implementation("dev.simul:simul-runtime")
    runtimeOnly("org.slf4j:slf4j-simple:2.0.20")

    testImplementation("org.junit.jupiter:junit-jupiter:6.1.3")
    testRuntimeOnly("org.junit.platform:junit-platform-launcher:6.1.3")
}

application {
    mainClass = "links.LinksKt"
}

kotlin {
    compilerOptions {
        jvmTarget = org.jetbrains.kotlin.gradle.dsl.JvmTarget.JVM_17
    }
}

tasks.compileJava {
    options.release = 17
}

tasks.compileTestJava {
    options.release = 17
}

tasks.test {
    useJUnitPlatform()
}
