rootProject.name = "links"

dependencyResolutionManagement {
    repositories {
        mavenLocal { content { includeGroup("dev.simul") } } // where `./simul install` puts it
        mavenCentral()
    }
}
